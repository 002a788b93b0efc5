# SPDX-License-Identifier: Apache-2.0
"""The command: arguments, putting the parts together, readiness, and the end."""
import argparse
import ipaddress
import itertools
import json
import os
import pathlib
import random
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

from . import admin, admin_grpc, admin_rest, aws, control, faults, files, front, instances, metadata, net, oauth, pki, postgres, principals
from . import tokens as tokens_module
from . import web
from .clock import Clock
from .journal import Journal

DEFAULT_INSTANCE = "projects/emulator/locations/us-central1/clusters/demo/instances/primary"

EPILOG = """
example: a PostgreSQL on port 5432 becomes an AlloyDB instance

  alloydb-emulator --postgres 127.0.0.1:5432 --admin postgres --admin-password-file pw --state /tmp/alloydb &
  . /tmp/alloydb/environment
  alloydb-auth-proxy --alloydbadmin-api-endpoint "$ALLOYDB_EMULATOR_URL" --credentials-file "$GOOGLE_APPLICATION_CREDENTIALS" \\
      --disable-built-in-telemetry --auto-iam-authn --port 6000 "$ALLOYDB_EMULATOR_INSTANCE"
  psql 'host=127.0.0.1 port=6000 user=app@emulator.iam dbname=postgres'

It listens on loopback only unless told otherwise, and whoever reaches its HTTP port can make tokens: it is for development and tests.
The metadata server is Compute Engine's; --fault metadata,form=gke (gke-pool, cloud-run) makes it another product's.
What goes wrong on request: --help-faults. All of it at length: packaging/doc/emulator.md.
"""


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="alloydb-emulator", formatter_class=argparse.RawDescriptionHelpFormatter, epilog=EPILOG, description=
        "Google's side of AlloyDB on one machine: the Admin API, token endpoints, metadata servers, and the mTLS front\n"
        "of each instance before a real PostgreSQL.")
    group = parser.add_argument_group("instances")
    group.add_argument("--instance", action="append", metavar="URI[?OPTION=VALUE&…]",
                       help=f"an instance, several times; options private=, public= (addresses), psc=NAME[@ADDRESS], port=, iam=on|off; "
                            f"an address \"none\" is one that the instance does not have. Default: {DEFAULT_INSTANCE}")
    group.add_argument("--listen", default="127.0.0.1", metavar="ADDRESS",
                       help="where the first instance's front listens, and what the API says its addresses are; each further instance has the next "
                            "address. \"auto\" picks free addresses in 127.0.0.0/8. Default: %(default)s")
    group.add_argument("--port", type=int, default=5433, help="port of the fronts; Google's connectors know 5433 only. Default: %(default)s")
    group.add_argument("--direct-port", type=int, default=0, metavar="PORT",
                       help="listen there too as AlloyDB does on 5432: TLS without a client certificate, IAM roles log in with the token as password")
    group = parser.add_argument_group("the PostgreSQL behind them")
    group.add_argument("--postgres", default="127.0.0.1:5432", metavar="HOST:PORT", help="or /FOLDER:PORT for a Unix socket. Default: %(default)s")
    group.add_argument("--admin", metavar="ROLE",
                       help="a superuser (or CREATEROLE) with which roles for the principals are made, each with a secret known to the emulator "
                            "alone. Without it the roles must exist, and pg_hba.conf must trust them or --role-password-file hold their password")
    group.add_argument("--admin-address", metavar="HOST:PORT", help="where ROLE logs in, if not at --postgres: the server itself behind a pooler")
    group.add_argument("--admin-password-file", metavar="FILE", help="its password; without it the server must trust it")
    group.add_argument("--admin-database", default="postgres", metavar="NAME", help="where it logs in. Default: %(default)s")
    group.add_argument("--role-password-file", metavar="FILE", help="one password for all IAM roles, for use without --admin")
    group.add_argument("--alice", default="alice@example.com", metavar="E-MAIL", help="the person's address, and database role. Default: %(default)s")
    group.add_argument("--person", action="append", default=[], metavar="E-MAIL", help="one more principal, with a database role of that name")
    group = parser.add_argument_group("Google's endpoints")
    group.add_argument("--api-address", default="127.0.0.1", metavar="ADDRESS", help="where HTTP, HTTPS, mTLS and gRPC listen. Default: %(default)s")
    for name, what in (("http", "everything over plain HTTP, and as a proxy for Google's names"), ("https", "the same over TLS"),
                       ("mtls", "the same with a client certificate, for X.509 federation"),
                       ("grpc", "the Admin API over gRPC with TLS, where grpcio is installed")):
        group.add_argument(f"--{name}-port", type=int, default=0, metavar="PORT", help=f"{what}. Default: any free port")
    group.add_argument("--token", action="append", default=[], metavar="TOKEN=PRINCIPAL",
                       help="an access token of your own choice; PRINCIPAL is an e-mail address or one of app, target, far, vm, alice")
    group.add_argument("--no-service-account", action="store_true", help="the metadata server is one of a machine without a service account")
    group.add_argument("--universe", default="googleapis.com", metavar="DOMAIN",
                       help="what the metadata server and the credential files say. Default: %(default)s")
    group = parser.add_argument_group("running")
    group.add_argument("--state", metavar="FOLDER",
                       help="certificates, credential files of each type and what they name (subject tokens, a helper program, AWS keys, X.509 "
                            "workloads), static connection info, emulator.json with all addresses, an environment file to source, and \"ready\", which is "
                            "there while the emulator serves. Default: a temporary folder, deleted at the end")
    group.add_argument("--fault", action="append", default=[], metavar="FAULT", help="a fault from the start on: JSON, or AT,EFFECT=VALUE,…")
    group.add_argument("--help-faults", action="store_true", help="print what can go wrong, and end")
    group.add_argument("--verbose", action="store_true", help="print each event as a line of JSON")
    group.add_argument("--run", nargs=argparse.REMAINDER, metavar="COMMAND",
                       help="run this command with the environment file's variables, and end with it and its status")
    group.add_argument("--until-parent-ends", action="store_true", help="end when the program that started this one has ended")
    return parser.parse_args(arguments)


def _first_line(path: str | None) -> str | None:
    return pathlib.Path(path).read_text().split("\n")[0] if path else None


def _next_address(base: str, index: int) -> str:
    return str(ipaddress.ip_address(base) + index)


def _free_loopback(port: int) -> str:
    """An address in 127.0.0.0/8 on whose port nobody listens."""
    for _ in range(200):
        address = f"127.{random.randint(1, 254)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
        with socket.socket() as probe:
            try:
                probe.bind((address, port))
                return address
            except OSError:
                continue
    raise OSError(f"no free address in 127.0.0.0/8 for port {port}")


class Emulator:
    """All parts, started. stop() ends them; nothing of it is left but the state folder."""

    CLOUD_PLATFORM = tokens_module.CLOUD_PLATFORM

    def __init__(self, options: argparse.Namespace, state: files.State, echo=None) -> None:
        self.stopping = threading.Event()
        self._applying = threading.Lock()
        self.clock = Clock()
        self.journal = Journal(echo)
        self.faults = faults.Faults()
        self.state_folder = state
        self.fronts: list[front.Front] = []
        self.listeners: list[net.Listener] = []
        self.grpc: admin_grpc.GrpcService | None = None
        self._timer: threading.Thread | None = None
        self.faults.add_all([faults.parse(text) for text in options.fault])
        self._follow_clock()
        try:
            self._start(options, state)
        except BaseException:
            self.stop()
            raise

    def _start(self, options: argparse.Namespace, state: files.State) -> None:
        backend = postgres.Backend(postgres.Address.parse(options.postgres), _first_line(options.role_password_file))
        automatic = options.listen == "auto"
        described = [instances.parse(text, _free_loopback(options.port) if automatic else _next_address(options.listen, index), options.port)
                     for index, text in enumerate(options.instance or [DEFAULT_INSTANCE])]
        if len({i.name for i in described}) != len(described):
            raise instances.InstanceError("an instance is named twice")
        self.universe = options.universe
        project = instances.URI.fullmatch(described[0].name)[1]
        self.pki = pki.Pki([i.cluster for i in described], self.clock)
        self.principals = principals.Principals(project, options.person, options.alice)
        self.tokens = tokens_module.Tokens(self.clock, self.principals)
        for text in options.token:
            self._static_token(text)
        self.aws = aws.Aws(self.clock, self.faults, self.journal, self.stopping)
        self.oauth = oauth.OAuth(self.principals, self.tokens, self.clock, self.faults, self.journal, self.aws, self.pki, self.stopping)

        backend.iam_roles.update(self.principals.roles())
        if options.admin:
            server = postgres.Address.parse(options.admin_address or options.postgres)
            backend.make_roles(server, self.principals.roles(), options.admin, _first_line(options.admin_password_file), options.admin_database)
        services = front.Services(self.pki, self.tokens, self.faults, self.journal, backend, self.stopping, itertools.count(1).__next__,
                                  options.direct_port)
        for instance in described:
            self.fronts.append(front.Front(instance, services))
        self.admin = admin.Admin(described, self.pki, self.tokens, self.faults, self.journal, self.stopping)
        router = web.Router(self.clock, self.stopping)
        control.Control(self).install(router)
        admin_rest.install(router, self.admin)
        self.oauth.install(router)
        self.aws.install(router)
        metadata.Metadata(project, None if options.no_service_account else self.principals.vm, self.principals.federated, options.universe, self.tokens,
                          self.faults, self.journal, self.stopping).install(router)

        key = pki.new_fast_key()
        names = pki.san([options.api_address] + ([] if options.api_address == "127.0.0.1" else ["127.0.0.1"]), pki.google_names(options.universe))
        certificate = pki.pem(self.pki.api.server("AlloyDB emulator API", key, names)) + pki.pem(self.pki.api.certificate)
        tls = front.server_context(certificate, pki.key_pem(key), minimum=ssl.TLSVersion.TLSv1_2)
        workloads = pki.pem(self.oauth.workload_authority.certificate) + pki.pem(self.oauth.workload_intermediate.certificate)
        mtls = front.server_context(certificate, pki.key_pem(key), workloads, minimum=ssl.TLSVersion.TLSv1_2)
        urls = {}
        host = f"[{options.api_address}]" if ":" in options.api_address else options.api_address
        for name, port, context in (("http", options.http_port, None), ("https", options.https_port, tls), ("mtls", options.mtls_port, mtls)):
            listener = net.Listener(name, options.api_address, port, web.WebService(router, context, tls, pki.google_names(options.universe)).handle)
            self.listeners.append(listener)
            urls[name] = f"{'https' if context else 'http'}://{host}:{listener.port}"
        if admin_grpc.available():
            self.grpc = admin_grpc.GrpcService(self.admin, host, options.grpc_port, pki.key_pem(key), certificate)
        self.faults.changed = self._apply_faults
        self._apply_faults()
        self._timer = threading.Thread(target=self._watch_time, name="faults", daemon=True)
        self._timer.start()
        self._write_state(state, urls, project)

    def _write_state(self, state: files.State, urls: dict, project: str) -> None:
        files.write_helpers(state, self)
        host = urls["http"].rpartition("/")[2]
        grpc_host = "localhost" if host.startswith("127.0.0.1:") else host.rpartition(":")[0]
        self.facts = {
            "pid": os.getpid(), **urls, "grpc": self.grpc and f"{grpc_host}:{self.grpc.port}", "metadata": host, "project": project,
            "api_ca": state.write("api-ca.pem", pki.pem(self.pki.api.certificate)), "static_info": files.write_static_info(state, self),
            "tokens": files.write_tokens(state, self), "credentials": files.write_credentials(state, self, urls["http"], urls["mtls"], "credentials"),
            "credentials_https": files.write_credentials(state, self, urls["https"], urls["mtls"], "credentials-https"),
            "principals": {name: {"email": account.email, "role": principals.role_of(account.email)}
                           for name, account in vars(self.principals).items()
                           if isinstance(account, principals.Account)},
            "instances": [{"name": f.instance.name, "private": f.instance.private, "public": f.instance.public, "psc": f.instance.psc,
                           "port": f.instance.port, "listen": list(f.instance.listen), "direct_port": f.services.direct_port,
                           "ca": state.write(f"cluster-ca-{number}.pem", pki.pem(self.pki.clusters[f.instance.cluster].root.certificate)),
                           "identity": state.write(f"front-{number}.pem", f.identity())}
                          for number, f in enumerate(self.fronts)]}
        self.environment = files.environment(state, self.facts)
        files.write_environment(state, self.environment)
        state.write_json("emulator.json", self.facts)

    def _static_token(self, text: str) -> None:
        value, equals, name = text.rpartition("=")
        short = {name: account for name, account in vars(self.principals).items() if isinstance(account, principals.Account)}
        account = short.get(name) or self.principals.accounts.get(name)
        if not equals or not value or account is None:
            raise ValueError(f"--token must be TOKEN=PRINCIPAL, with one of these principals: {', '.join(self.principals.accounts)}")
        self.tokens.issue(account.email, [tokens_module.CLOUD_PLATFORM], files.STATIC_LIFETIME, "static", value)

    def _follow_clock(self) -> None:
        self.clock.offset = self.faults.peek("clock").get("offset", 0.0)

    def _apply_faults(self) -> None:
        with self._applying:
            self._apply()

    def _apply(self) -> None:
        self._follow_clock()
        for one in self.fronts:
            one.apply_faults()
        closed = self.faults.peek("api").get("listen") == "closed"
        for listener in self.listeners:
            if listener.name == "http" or self.stopping.is_set():
                continue
            if closed:
                listener.close()
                listener.cut()
            else:
                listener.open()

    def _watch_time(self) -> None:
        """Faults that end by themselves must open what they closed."""
        def active() -> list[int]:
            return [fault["id"] for fault in self.faults.list()]

        before = active()
        while not self.stopping.wait(0.1):
            now = active()
            if now != before:
                try:
                    self._apply_faults()
                except OSError as error:  # the port is another program's by now: try again
                    print(f"alloydb-emulator: {error}", file=sys.stderr, flush=True)
                    continue
            before = now

    def state(self) -> dict:
        return {"fronts": [one.state() for one in self.fronts], "certificates": self.pki.issued(), "faults": len(self.faults.list()),
                "threads": threading.active_count(), "journal": self.journal.read(after=1 << 62)["last"]}

    def stop(self) -> bool:
        """False if something did not end in time."""
        self.stopping.set()
        self.state_folder.remove_ready()
        clean = True
        for one in (*self.fronts, *self.listeners):
            clean = one.stop() and clean
        if self.grpc:
            self.grpc.stop()
        if self._timer and self._timer.is_alive():
            self._timer.join(2)
        return clean


def _run(command: list[str], environment: dict, wanted: threading.Event) -> int:
    """The command's exit status; a signal to us goes on to it."""
    child = subprocess.Popen(command, env={**os.environ, **environment})
    while child.poll() is None:
        if wanted.wait(0.05):
            child.terminate()
            child.wait()
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(sys.argv[1:] if arguments is None else arguments)
    if options.help_faults:
        print(faults.describe())
        return 0
    # The parent is asked for before anything else: it may end while this starts.
    parent = os.getppid()
    wanted = threading.Event()
    # Only the main thread handles signals; it waits in wanted.wait(), which a signal interrupts.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: wanted.set())
    temporary = None
    if not options.state:
        temporary = tempfile.TemporaryDirectory(prefix="alloydb-emulator-state-")
    emulator = None
    try:
        state = files.State(options.state or temporary.name)
        emulator = Emulator(options, state, (lambda entry: print(json.dumps(entry), flush=True)) if options.verbose else None)
        state.write("ready", f"{os.getpid()}\n")
        for one in emulator.facts["instances"]:
            print(f"instance {one['name']} on {', '.join(one['listen'])} port {one['port']}")
        facts = emulator.facts
        print(f"HTTP {facts['http']}  HTTPS {facts['https']}  gRPC {facts['grpc'] or 'not there: grpcio is not installed'}")
        print(f"ready: {state.folder}/environment", flush=True)
        if options.run:
            return _run(options.run, emulator.environment, wanted)
        while not wanted.wait(0.5):
            if options.until_parent_ends and os.getppid() != parent:
                break
    except (OSError, ValueError, postgres.PostgresError) as error:
        print(f"alloydb-emulator: {error}", file=sys.stderr)
        return 1
    finally:
        clean = emulator.stop() if emulator else True
        if temporary:
            temporary.cleanup()
    if not clean:
        print("alloydb-emulator: some connections did not end in time", file=sys.stderr)
    return 0 if clean else 1
