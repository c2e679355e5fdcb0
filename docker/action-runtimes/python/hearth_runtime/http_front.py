"""HTTP/1.1 for the two routes of an action container.

Kept connections never time out (a suspended container keeps them), every answer has a Content-Length and leaves with one write, bodies are
bounded and may be chunked. Requests of all connections are answered one after another, in the order in which they are complete.
"""
import selectors
import socket

HEAD_BYTES_MAX = 64 * 1024
# 48 MB of code as base64 in JSON, with room for its environment.
BODY_BYTES_MAX = 72 * 1024 * 1024
READ_BYTES = 256 * 1024

REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    413: "Payload Too Large",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


class BadRequest(Exception):
    def __init__(self, status, sentence):
        super().__init__(sentence)
        self.status = status


def serve(host, port, answer):
    """Calls answer(method, path, body) -> (status, json_bytes, after), one at a time, for ever. `after` runs once the answer is written."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(128)
    listener.setblocking(False)
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ, None)
    while True:
        for key, _ in selector.select():
            if key.data is None:
                accept(listener, selector)
            elif not key.data.read(answer):
                selector.unregister(key.fileobj)
                key.fileobj.close()


def accept(listener, selector):
    try:
        connection, _ = listener.accept()
    except OSError:
        return  # gone again, or out of descriptors: the next turn tries again
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # Blocking: it is read only when there is something, and an answer has to leave before the next request is looked at.
    connection.setblocking(True)
    selector.register(connection, selectors.EVENT_READ, Connection(connection))


class Connection:
    def __init__(self, connection):
        self.socket = connection
        self.bytes = bytearray()
        self.request = None

    def read(self, answer):
        """Reads what is there and answers the requests that it completes. False ends the connection."""
        try:
            received = self.socket.recv(READ_BYTES)
            if not received:
                return False
            self.bytes += received
            while True:
                complete = self.take_request()
                if complete is None:
                    return True
                method, path, body, keeps_alive = complete
                status, text, after = answer(method, path, body)
                self.write(status, text, keeps_alive)
                if after is not None:
                    after()
                if not keeps_alive:
                    return False
        except BadRequest as error:
            self.refuse(error.status, str(error))
            return False
        except OSError:
            return False  # the peer went away

    def take_request(self):
        if self.request is None:
            end = self.bytes.find(b"\r\n\r\n")
            if end < 0:
                if len(self.bytes) > HEAD_BYTES_MAX:
                    raise BadRequest(431, "Request headers are too large.")
                return None
            self.request = Request(bytes(self.bytes[:end]).decode("latin-1"))
            del self.bytes[: end + 4]
            if self.request.expects_continue and not self.bytes:
                self.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        request = self.request
        body = request.take_body(self.bytes)
        if body is None:
            return None
        self.request = None
        return request.method, request.path, body, request.keeps_alive

    def write(self, status, text, keeps_alive):
        head = "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n" % (
            status,
            REASONS[status],
            len(text),
            "" if keeps_alive else "Connection: close\r\n",
        )
        self.socket.sendall(head.encode("latin-1") + text)

    def refuse(self, status, sentence):
        try:
            self.write(status, b'{"error":"%s"}' % sentence.encode("ascii"), False)
        except OSError:
            return  # nobody is left to be told


class Request:
    """One request's head, and how far its body has come."""

    def __init__(self, head):
        lines = head.split("\r\n")
        words = lines[0].split(" ")
        if len(words) != 3 or words[2] not in ("HTTP/1.1", "HTTP/1.0"):
            raise BadRequest(400, "Bad request.")
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            fields[name.strip().lower()] = value.strip()
        self.method = words[0]
        self.path = words[1].split("?", 1)[0]
        connection = fields.get("connection", "").lower()
        self.keeps_alive = connection != "close" if words[2] == "HTTP/1.1" else connection == "keep-alive"
        self.expects_continue = fields.get("expect", "").lower() == "100-continue"
        self.chunks = None
        self.length = 0
        if "transfer-encoding" in fields:
            if fields["transfer-encoding"].lower() != "chunked":
                raise BadRequest(400, "Bad request.")
            self.chunks = bytearray()
        elif "content-length" in fields:
            length = fields["content-length"]
            if not length.isascii() or not length.isdigit():
                raise BadRequest(400, "Bad request.")
            self.length = int(length)
            if self.length > BODY_BYTES_MAX:
                raise BadRequest(413, "The request is larger than %d bytes." % BODY_BYTES_MAX)

    def take_body(self, received):
        """The body, taken off the front of what was received; None while it is incomplete."""
        if self.chunks is not None:
            return self.take_chunks(received)
        if len(received) < self.length:
            return None
        body = bytes(received[: self.length])
        del received[: self.length]
        return body

    def take_chunks(self, received):
        while True:
            end = received.find(b"\r\n")
            if end < 0:
                if len(received) > 1024:
                    raise BadRequest(400, "Bad request.")
                return None
            try:
                size = int(bytes(received[:end]).split(b";", 1)[0].strip(), 16)
            except ValueError:
                raise BadRequest(400, "Bad request.") from None
            if size < 0:
                raise BadRequest(400, "Bad request.")
            if len(self.chunks) + size > BODY_BYTES_MAX:
                raise BadRequest(413, "The request is larger than %d bytes." % BODY_BYTES_MAX)
            if size == 0:
                # The last chunk, trailers (ignored), an empty line.
                last = end if received[end : end + 4] == b"\r\n\r\n" else received.find(b"\r\n\r\n", end)
                if last < 0:
                    return None
                del received[: last + 4]
                return bytes(self.chunks)
            if len(received) < end + 2 + size + 2:
                return None
            if received[end + 2 + size : end + 4 + size] != b"\r\n":
                raise BadRequest(400, "Bad request.")
            self.chunks += received[end + 2 : end + 2 + size]
            del received[: end + 4 + size]
