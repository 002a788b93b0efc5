# SPDX-License-Identifier: Apache-2.0
"""Who there is: service accounts and people, what they may impersonate, and which database role is theirs."""
import dataclasses
import secrets

from cryptography.hazmat.primitives.asymmetric import rsa

from . import pki

SUFFIX = ".gserviceaccount.com"


def role_of(principal: str) -> str:
    """The database role of an IAM principal: an e-mail address, for service accounts without .gserviceaccount.com."""
    return principal[:-len(SUFFIX)] if principal.endswith(SUFFIX) else principal


@dataclasses.dataclass
class Account:
    """One principal. `key` is a service account's; refresh token, client id and secret are a person's."""

    email: str
    key: rsa.RSAPrivateKey | None = None
    key_id: str = ""
    refresh_token: str = ""
    client_id: str = ""
    client_secret: str = ""
    impersonators: set[str] = dataclasses.field(default_factory=set)
    rotated: str = ""

    @property
    def valid_refresh_token(self) -> str:
        """The one that is taken: that of the credential file until it was exchanged for another one."""
        return self.rotated or self.refresh_token

    def rotate(self) -> str:
        """A new refresh token; the one before is good no more."""
        self.rotated = "1//" + secrets.token_urlsafe(24)
        return self.rotated


class Principals:
    """The accounts of one emulator, all of the first instance's project:

    app       a service account with a key file; may impersonate target, and delegate
    target    impersonated directly
    delegate  may impersonate far, so that app reaches far only through it
    far       impersonated through delegate
    vm        the metadata server's; may impersonate what app may
    alice     a person, alice@example.com unless told otherwise, with gcloud's kind of credentials; may impersonate what app may
    workforce a person of a workforce pool (external_account_authorized_user)
    """

    def __init__(self, project: str, people: list[str], alice: str = "alice@example.com") -> None:
        domain, colon, short = project.rpartition(":")
        domain = f"{short}.{domain}.iam" if colon else f"{project}.iam"
        self.project = project
        self.accounts: dict[str, Account] = {}

        def service(short_name: str) -> Account:
            account = Account(f"{short_name}@{domain}{SUFFIX}")
            self.accounts[account.email] = account
            return account

        self.app, self.target, self.delegate, self.far, self.vm = map(service, ("app", "target", "delegate", "far", "vm"))
        self.app.key, self.app.key_id = pki.new_key(), secrets.token_hex(20)
        self.alice = self._person(alice)
        self.workforce = self._person("principal://iam.googleapis.com/locations/global/workforcePools/emulator/subject/bob")
        for person in people:
            self._person(person)
        everyone = {self.app.email, self.vm.email, self.alice.email, self.workforce.email, self.federated}
        self.target.impersonators = everyone
        self.delegate.impersonators = set(everyone)
        self.far.impersonators = {self.delegate.email}

    @property
    def federated(self) -> str:
        """The principal of the workload identity pool's tokens."""
        return "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/emulator/subject/workload"

    def _person(self, email: str) -> Account:
        account = Account(email, refresh_token="1//" + secrets.token_urlsafe(24),
                          client_id=f"{secrets.randbelow(10**12)}-emulator.apps.googleusercontent.com",
                          client_secret="GOCSPX-" + secrets.token_urlsafe(18))
        self.accounts[email] = account
        return account

    def roles(self) -> list[str]:
        """The database roles of all that can have one."""
        return [role_of(email) for email in self.accounts if not email.startswith("principal:")]
