# SPDX-License-Identifier: LGPL-2.1-or-later
"""Machines of a cluster: a jabberd-host each, in a network namespace of its own, or on an address of loopback."""
import os
import shutil
import signal
import subprocess
import tempfile
import time

from proxy import Frames, Proxy, Published

SECRET = "a secret of this cluster alone"


def sh(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def can_have_namespaces():
    """Why not, or None."""
    name = f"jlt{os.getpid()}"
    try:
        sh("ip", "netns", "add", name)
        sh("ip", "netns", "del", name)
        sh("ip", "link", "add", name, "type", "bridge")
        sh("ip", "link", "del", name)
    except (OSError, subprocess.CalledProcessError) as problem:
        return str(getattr(problem, "stderr", b"") or problem).strip()
    return None


class Network:
    """Addresses for machines, and what lies between them. With namespaces each machine has its own stack, and a partition is one of frames that
    nobody gets; on loopback all links go through proxies, and so do those that are to be slow or to lose frames."""

    def __init__(self, namespaces, proxied):
        self.namespaces = namespaces
        self.proxied = proxied or not namespaces
        self.bridge = f"jl{os.getpid() % 100000}"
        self.count = 0
        self.proxies = {}
        if namespaces:
            self.net = f"10.{77 + os.getpid() % 100}.0"
            sh("ip", "link", "add", self.bridge, "type", "bridge")
            sh("ip", "addr", "add", f"{self.net}.1/24", "dev", self.bridge)
            sh("ip", "link", "set", self.bridge, "up")
        self.machines = []

    def add(self, name):
        """An address for a machine, and the words that run something there."""
        self.count += 1
        if not self.namespaces:
            return f"127.0.{os.getpid() % 200 + 1}.{self.count + 1}", []
        space, inside, outside = f"{self.bridge}-{name}", "eth0", f"{self.bridge}v{self.count}"
        sh("ip", "netns", "add", space)
        self.machines.append(space)
        sh("ip", "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", space)
        sh("ip", "link", "set", outside, "master", self.bridge, "up")
        address = f"{self.net}.{self.count + 1}"
        sh("ip", "-n", space, "addr", "add", f"{address}/24", "dev", inside)
        sh("ip", "-n", space, "link", "set", inside, "up")
        sh("ip", "-n", space, "link", "set", "lo", "up")
        return address, ["ip", "netns", "exec", space]

    def way(self, here, there, port, cut=Frames):
        """Where `here` finds the port of `there`, to which it speaks what `cut` cuts into messages."""
        if not self.proxied:
            return there.address, port
        key = (here.name, there.name, port)
        if key not in self.proxies:
            self.proxies[key] = Proxy(f"{self.net}.1" if self.namespaces else "127.0.0.1", (there.address, port), cut)
        return self.proxies[key].address

    def part(self, one, others, apart):
        """Nothing gets from `one` to the others, nor back; or everything does again."""
        for other in others:
            for proxy in [p for key, p in self.proxies.items() if {key[0], key[1]} == {one.name, other.name}]:
                proxy.hold(apart)
            if self.proxied:
                continue
            for here, there in ((one, other), (other, one)):
                where = ["ip", "-n", f"{self.bridge}-{here.name}", "neigh"]
                if apart:
                    sh(*where, "replace", there.address, "lladdr", "02:00:00:00:00:01", "dev", "eth0", "nud", "permanent")
                else:
                    sh(*where, "del", there.address, "dev", "eth0")

    def close(self):
        for proxy in self.proxies.values():
            proxy.close()
        for number, space in enumerate(self.machines, 1):
            subprocess.run(["ip", "link", "del", f"{self.bridge}v{number}"], check=False)  # else it goes some time after its namespace, and its name is taken
            subprocess.run(["ip", "netns", "del", space], check=False)
        if self.namespaces:
            subprocess.run(["ip", "link", "del", self.bridge], check=False)


class Program:
    """One process on a machine, which can be killed, stopped for a while, and started again."""

    def __init__(self, name, network):
        self.name = name
        self.address, self.prefix = network.add(name)
        self.directory = tempfile.mkdtemp(prefix=f"cluster-{name}-")
        self.log = open(os.path.join(self.directory, "log"), "ab")
        self.process = None

    def words(self):
        raise NotImplementedError

    def start(self):
        # Its own group: ip netns exec becomes the program, sh -c would not.
        self.process = subprocess.Popen(self.prefix + self.words(), stdout=self.log, stderr=self.log, cwd=self.directory)

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def wait_until_it_says(self, words, patience=60, before=0):
        """In its log, once more than so often."""
        end = time.monotonic() + patience
        while self.log_text().count(words) <= before:
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.name} does not start:\n" + self.log_text()[-2000:])
            time.sleep(0.05)

    def log_text(self):
        with open(os.path.join(self.directory, "log"), encoding="utf-8", errors="replace") as log:
            return log.read()

    def remove(self):
        self.stop()
        self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)


class Broker(Program):
    """A nats-server, through which all hosts of a cluster speak."""

    PORT = 4222
    USER = "link"
    SERVER = shutil.which("nats-server", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")

    def __init__(self, network):
        super().__init__("broker", network)

    def words(self):
        path = os.path.join(self.directory, "broker.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'listen: "{self.address}:{self.PORT}"\naccounts {{ cluster {{ users: [ {{ user: "{self.USER}", password: "{SECRET}" }} ] }} }}\n')
        return [self.SERVER, "-c", path]


class Host(Program):
    """A jabberd-host with a link, and a socket manager or the session manager of a domain."""

    LINK_PORT = 5270
    CLIENT_PORT = 5222

    def __init__(self, name, network, build, domain=None, threads=0):
        super().__init__(name, network)
        self.build, self.domain, self.threads = build, domain, threads
        self.link = ""

    def connect(self, network, others, broker=None):
        if broker is not None:
            address, port = network.way(self, broker, broker.PORT, Published)
            self.link = f"<nats><server>nats://{address}:{port}</server><user>{broker.USER}</user><password>{SECRET}</password></nats>"
            return
        peers = ""
        for other in others:
            if other is not self:
                address, port = network.way(self, other, self.LINK_PORT)
                peers += f"<peer name='{other.name}' port='{port}'>{address}</peer>"
        self.link = f"<tcp><listen port='{self.LINK_PORT}'>{self.address}</listen><secret>{SECRET}</secret>{peers}</tcp>"

    def words(self):
        if self.domain is None:
            service = (f"<service id='{self.name}'><load><socket_manager>{self.build}/plugin/socket_manager.so</socket_manager></load>"
                       f"<c2s xmlns='jabber:config:socket-manager'><listen port='{self.CLIENT_PORT}'>{self.address}</listen>"
                       f"<threads>{self.threads}</threads>"
                       "<limits><connections-per-address>0</connections-per-address><attempts-per-second>0</attempts-per-second></limits></c2s></service>")
        else:
            service = (f"<service id='{self.name}'><host>{self.domain}</host>"
                       f"<load><session_manager>{self.build}/examples/session_manager/session_manager.so</session_manager></load>"
                       "<sessions xmlns='jabber:config:session-manager'><database>db</database><register>yes</register>"
                       "<registrations per-hour='0'/><iterations>4096</iterations><offline max='100000' bytes='100000000'/></sessions></service>")
        path = os.path.join(self.directory, "jabber.xml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"<jabber><control>control</control>{service}<service id='link'><load><link>{self.build}/examples/link/link.so</link></load>"
                       f"<link xmlns='jabber:config:link'><name>{self.name}</name>{self.link}</link></service></jabber>")
        return [f"{self.build}/examples/host/jabberd-host", "-c", path]

    def ctl(self, *words):
        return subprocess.run([f"{self.build}/examples/host/jabberd-ctl", "--socket", os.path.join(self.directory, "control"), *words],
                              capture_output=True, text=True, check=False, timeout=60)

    def swap(self, service, file, number):
        """With a copy of the file, which is another component to the host."""
        copy = os.path.join(self.directory, f"{service}-{number}.so")
        shutil.copyfile(file, copy)
        result = self.ctl("swap", service, copy)
        os.remove(copy)
        return result

    def peers(self):
        """What status says of each: {name: {word: number}}."""
        found = {}
        for line in self.ctl("status").stdout.splitlines():
            line = line.strip()
            at = line.find("peer ")
            if at < 0 or ":" not in line[at:] and "  " not in line[at:]:
                continue
            name, _, rest = line[at + 5:].replace(":", " ", 1).partition(" ")
            found[name] = rest.strip()
        return found

    def wait_for_peers(self, count, deadline=30):
        end = time.monotonic() + deadline
        while time.monotonic() < end:
            if sum(text.startswith("up") for text in self.peers().values()) >= count:
                return True
            time.sleep(0.1)
        return False
