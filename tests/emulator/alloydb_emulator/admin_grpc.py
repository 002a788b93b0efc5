# SPDX-License-Identifier: Apache-2.0
"""The Admin API over gRPC, where grpcio is installed. The messages are protowire's, so no generated code and no protobuf is needed."""
import concurrent.futures

from . import protowire
from .admin import Admin, ApiError, Call, Dropped, RawAnswer
from .web import STATUS_WORDS

DURATION = {1: ("seconds", "int"), 2: ("nanos", "int")}
INFO_REQUEST = {1: ("parent", "string"), 2: ("requestId", "string")}
INFO = {1: ("name", "string"), 2: ("ipAddress", "string"), 4: ("instanceUid", "string"), 5: ("publicIpAddress", "string"),
        6: ("pscDnsName", "string"),
        9: ("pscAutoDnsName", "string")}
CERTIFICATE_REQUEST = {1: ("parent", "string"), 2: ("requestId", "string"), 3: ("pemCsr", "string"), 4: ("certDuration", DURATION),
                       5: ("publicKey", "string"), 6: ("useMetadataExchange", "bool")}
CERTIFICATE = {2: ("pemCertificateChain", "strings"), 3: ("caCert", "string")}
VERSIONS = ("v1", "v1beta", "v1alpha")
WORKERS = 16
LIMITS = [("grpc.max_receive_message_length", 1 << 20), ("grpc.so_reuseport", 0)]


def available() -> bool:
    try:
        import grpc  # noqa: F401
    except ImportError:
        return False
    return True


class GrpcService:
    """A TLS server on host:port (0: any); `port` is the one it got."""

    def __init__(self, admin: Admin, address: str, port: int, key_pem: str, chain_pem: str) -> None:
        import grpc
        self._grpc = grpc
        self._admin = admin
        self._pool = concurrent.futures.ThreadPoolExecutor(WORKERS, "grpc")
        self._server = grpc.server(self._pool, options=LIMITS)
        for version in VERSIONS:
            self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(f"google.cloud.alloydb.{version}.AlloyDBAdmin", {
                "GetConnectionInfo": self._method(version, INFO_REQUEST, INFO, self._connection_info),
                "GenerateClientCertificate": self._method(version, CERTIFICATE_REQUEST, CERTIFICATE, self._certificate)}),))
        credentials = grpc.ssl_server_credentials([(key_pem.encode(), chain_pem.encode())])
        self.port = self._server.add_secure_port(f"{address}:{port}", credentials)
        if not self.port:
            raise OSError(f"cannot listen on {address} port {port} for gRPC")
        self._server.start()

    def stop(self) -> None:
        self._server.stop(0.2).wait(5)
        self._pool.shutdown(wait=True)

    def _connection_info(self, call: Call, request: dict) -> dict:
        return self._admin.connection_info(call, request["parent"])

    def _certificate(self, call: Call, request: dict) -> dict:
        duration = request["certDuration"]
        request["certDuration"] = None if duration is None else duration["seconds"] + duration["nanos"] / 1e9
        return self._admin.generate_client_certificate(call, request["parent"], request)

    def _method(self, version: str, request_schema: dict, answer_schema: dict, work):
        def run(data: bytes, context) -> bytes:
            head = {key: value for key, value in reversed(context.invocation_metadata()) if isinstance(value, str)}
            every = [value for key, value in context.invocation_metadata() if key == "x-goog-api-client"]
            scheme, _, token = head.get("authorization", "").partition(" ")
            call = Call(version, "grpc", token.strip() if scheme.lower() == "bearer" else "", head.get("user-agent", ""), ", ".join(every),
                        head.get("x-goog-user-project", ""), head.get("x-goog-request-params", ""))
            try:
                return protowire.encode(answer_schema, work(call, protowire.decode(request_schema, data)))
            except ApiError as error:
                code, text = error.status or STATUS_WORDS.get(error.code, "UNKNOWN"), error.message
            except Dropped:
                code, text = "UNAVAILABLE", "Socket closed"
            except RawAnswer:
                code, text = "INTERNAL", "a fault's raw body has no meaning in gRPC"
            except protowire.WireError as error:
                code, text = "INVALID_ARGUMENT", str(error)
            context.abort(getattr(self._grpc.StatusCode, code, self._grpc.StatusCode.UNKNOWN), text)
        return self._grpc.unary_unary_rpc_method_handler(run)
