"""Debian's Keystone, unchanged, on a free loopback port, which is printed; it ends when its input does."""

import select
import sys
import threading
import time
from wsgiref import simple_server

from keystone.server.wsgi import initialize_public_application


class Server(simple_server.WSGIServer):
    """One request at a time, as one worker of uWSGI does: Keystone's code is not made for threads."""

    request_queue_size = 128


class Quiet(simple_server.WSGIRequestHandler):
    def log_message(self, *_):
        pass


def end_with_input():
    sys.stdin.read()
    server.shutdown()


# Under libfaketime 0.9.10 Python's own sleep fails with EINVAL (it sleeps until an instant of the monotonic clock).
time.sleep = lambda seconds: select.select([], [], [], seconds)
sys.argv = ["keystone"]
application = initialize_public_application()
server = simple_server.make_server("127.0.0.1", 0, application, Server, Quiet)
threading.Thread(target=end_with_input, daemon=True).start()
print(server.server_port, flush=True)
server.serve_forever()
