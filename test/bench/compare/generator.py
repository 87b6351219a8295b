# SPDX-License-Identifier: LGPL-2.1-or-later
"""The generator of load beside one server (test/bench/load/requests.h), whose clients stay logged in from one request to the next."""
import subprocess


class Failed(Exception):
    """The server closed a connection, lost a message or fell silent; what the generator says of it."""


class Generator:
    def __init__(self, build, server, pairs, options=(), addresses=8):
        self.process = subprocess.Popen([f"{build}/test/bench/load", "--asked", "--pairs", str(pairs), "--bytes", "200", "--addresses", str(addresses), *options, *server.options()],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def ask(self, *words):
        """{key: value} of the answer."""
        try:
            self.process.stdin.write(" ".join(map(str, words)) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # why, it has said
        answer = {}
        for line in self.process.stdout:
            if not line.strip():
                return answer
            key, value = line.split()
            answer[key] = float(value)
        raise Failed(self.process.stderr.read().strip()[:300])

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
