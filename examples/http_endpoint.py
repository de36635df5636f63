"""Evaluate a model behind HTTP: python examples/http_endpoint.py [SET].

Without SET it takes qads in this folder; to have one: robust build-qads --data demo --out qads

The server is part of the example; the command line does the same: robust eval --endpoint URL --set SET.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import robust


class Model(BaseHTTPRequestHandler):
    """Answers {"id", "question", "context"} by {id: the first word of the context}."""

    def do_POST(self) -> None:
        """Answer one question."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({asked["id"]: asked["context"].split()[0]}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Model) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        reader = robust.from_endpoint(f"http://127.0.0.1:{server.server_port}/answer", "first word")
        try:
            print(robust.evaluate(reader, sys.argv[1:] or "qads")["run"])
        except robust.UserError as error:  # one line that says what to do
            sys.exit(str(error))
        finally:
            server.shutdown()
