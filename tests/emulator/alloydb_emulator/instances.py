# SPDX-License-Identifier: Apache-2.0
"""Instances: their names, and the addresses and ports at which their fronts listen."""
import dataclasses
import ipaddress
import re
import socket
import urllib.parse
import uuid

URI = re.compile(r"projects/([^/:]+(?::[^/:]+)?)/locations/([^/:]+)/clusters/([^/:]+)/instances/([^/:]+)")
FORM = "projects/PROJECT/locations/REGION/clusters/CLUSTER/instances/INSTANCE"


class InstanceError(ValueError):
    """The description of an instance is wrong."""


@dataclasses.dataclass(frozen=True)
class Instance:
    """One instance. An empty address is one that the instance does not have."""

    name: str
    private: str
    public: str
    psc: str                    # a DNS name, as the API gives it (it may end in a dot)
    listen: tuple[str, ...]     # IP addresses
    port: int
    iam: bool = True            # the flag alloydb.iam_authentication

    @property
    def cluster(self) -> str:
        return self.name.rpartition("/instances/")[0]

    @property
    def uid(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, self.name))

    def connection_info(self, version: str) -> dict:
        """What the API says about it; v1 knows no PSC."""
        info = {"name": self.name + "/connectionInfo", "ipAddress": self.private, "publicIpAddress": self.public, "instanceUid": self.uid}
        if version != "v1":
            info["pscDnsName"] = self.psc
        return info


def _ip(text: str, what: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise InstanceError(f"{what} is {text!r}, which is no IP address") from None


def resolve(name: str) -> list[str]:
    """The loopback addresses of a DNS name; InstanceError if it has none here."""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(name.rstrip("."), None, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise InstanceError(f"the PSC name {name!r} is not known here ({error}); write psc=NAME@ADDRESS to say where to listen") from None
    found = {a for a in found if ipaddress.ip_address(a.partition("%")[0]).is_loopback}
    if not found:
        raise InstanceError(f"the PSC name {name!r} has no loopback address; write psc=NAME@ADDRESS to say where to listen")
    return sorted(found)


def parse(text: str, listen: str, port: int) -> Instance:
    """URI[?private=ADDRESS&public=ADDRESS&psc=NAME[@ADDRESS]&port=N&iam=on|off]; an address that is not named is `listen`, "none" is no address."""
    name, _, query = text.partition("?")
    if not URI.fullmatch(name):
        raise InstanceError(f"{name!r} is no instance URI; it has the form {FORM}")
    options = {}
    for key, value in urllib.parse.parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)):
        if key not in ("private", "public", "psc", "port", "iam"):
            raise InstanceError(f"{name}: unknown option {key!r}; there are private, public, psc, port and iam")
        options[key] = "" if value == "none" else value
    private = options.get("private", listen)
    public = options.get("public", listen)
    psc = options.get("psc", "localhost" if listen == "127.0.0.1" else "")
    addresses = [_ip(a, what) for a, what in ((private, "private"), (public, "public")) if a]
    psc, _, psc_address = psc.partition("@")
    if psc_address:
        addresses.append(_ip(psc_address, "the PSC address"))
    elif psc:
        addresses += resolve(psc)
    if not addresses:
        raise InstanceError(f"{name} has no address at all")
    iam = options.get("iam", "on")
    if iam not in ("on", "off"):
        raise InstanceError(f"{name}: iam is {iam!r}, and must be on or off")
    try:
        port = int(options.get("port", port))
    except ValueError:
        raise InstanceError(f"{name}: port is {options['port']!r}") from None
    return Instance(name, private, public, psc, tuple(dict.fromkeys(addresses)), port, iam == "on")
