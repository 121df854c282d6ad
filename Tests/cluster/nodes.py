"""The nodes of a cluster on loopback: etcd, PostgreSQL under Patroni, Redis with Sentinel, and TicketFlower's programs.

Every node can be killed, stopped and started again. All ports are free ones, all files are in one directory.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.request

from load import Site

POSTGRES_USER = "postgres"
SENTINEL_NAME = "main"
# Seconds: Patroni takes no smaller one.
PATRONI_TTL = 20


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until(what, condition, seconds=120, pause=0.1):
    """Waits until a condition holds, and returns its value; an error of it counts as false."""
    end = time.monotonic() + seconds
    error = None
    while time.monotonic() < end:
        try:
            value = condition()
            if value:
                return value
        except (OSError, ValueError, subprocess.CalledProcessError, KeyError) as caught:
            error = caught
        time.sleep(pause)
    raise SystemExit(f"{what}: not within {seconds} s; the last error: {error}")


class Node:
    """A program that runs in a process group of its own, with what it starts."""

    def __init__(self, name, directory, command, environment=None):
        self.name = name
        self.directory = pathlib.Path(directory)
        self.command = command
        self.environment = {**os.environ, **(environment or {})}
        self.process = None

    def start(self):
        with open(self.directory / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment,
                start_new_session=True)

    @property
    def runs(self):
        return self.process is not None and self.process.poll() is None

    def roots(self):
        """The processes that it consists of, with all that these have started."""
        return [self.process.pid]

    def processes(self):
        """Its own processes and all that these have started, in whatever group that is."""
        parents = {}
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    state = (entry / "stat").read_text().rpartition(")")[2].split()
                    parents.setdefault(int(state[1]), []).append(int(entry.name))
                except OSError:
                    continue  # it has ended meanwhile
        found, todo = [], self.roots()
        while todo:
            found.append(todo.pop())
            todo += parents.get(found[-1], [])
        return found

    def send(self, number):
        for process in self.processes():
            try:
                os.kill(process, number)
            except ProcessLookupError:
                pass

    def kill(self):
        # Stopped first, so that none starts another one meanwhile.
        self.send(signal.SIGSTOP)
        self.send(signal.SIGKILL)
        self.process.wait()

    def pause(self):
        self.send(signal.SIGSTOP)

    def go_on(self):
        self.send(signal.SIGCONT)

    def stop(self):
        if self.runs:
            self.go_on()
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


class Cable(Node):
    """What passes connections on to servers, as a node that can be stopped: then nothing arrives.

    targets: of each connection that is taken, the port or ports to which it goes on. near: the ports to connect to."""

    def __init__(self, name, directory, targets):
        self.near = [free_port() for _ in targets]
        pairs = [f"{near}:{','.join(map(str, target)) if isinstance(target, list) else target}"
                 for near, target in zip(self.near, targets)]
        super().__init__(name, directory, [
            "python3", str(pathlib.Path(__file__).with_name("relay.py")), *pairs])

    def start(self):
        super().start()
        for port in self.near:
            until(f"{self.name} listens", lambda: socket.create_connection(("127.0.0.1", port), 1).close() or True)


class Postgres(Node):
    """One PostgreSQL with its Patroni. The other nodes and etcd reach it, and it reaches etcd, by its cable alone."""

    def __init__(self, name, directory, etcd_port):
        self.port, self.rest_port = free_port(), free_port()
        self.cable = Cable(f"cable-of-{name}", directory, [self.port, self.rest_port, etcd_port])
        self.cable.start()
        near_port, near_rest_port, near_etcd_port = self.cable.near
        folder = pathlib.Path(directory) / name
        folder.mkdir()
        programs = max(pathlib.Path("/usr/lib/postgresql").iterdir(), key=lambda path: int(path.name)) / "bin"
        settings = {
            "scope": "ticketflower", "name": name,
            "restapi": {"listen": f"127.0.0.1:{self.rest_port}", "connect_address": f"127.0.0.1:{near_rest_port}"},
            # Through the cable alone: else Patroni asks etcd for its own address.
            "etcd3": {"host": f"127.0.0.1:{near_etcd_port}", "use_proxies": True},
            "bootstrap": {
                "dcs": {
                    "ttl": PATRONI_TTL, "loop_wait": 2, "retry_timeout": 3, "master_start_timeout": 0,
                    "maximum_lag_on_failover": 1 << 20, "synchronous_mode": True,
                    "postgresql": {"use_pg_rewind": True, "parameters": {
                        "max_connections": 100, "fsync": "on", "wal_log_hints": "on", "lc_messages": "C"}},
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, {"auth": "trust"}],
            },
            "postgresql": {
                "listen": f"127.0.0.1:{self.port}", "connect_address": f"127.0.0.1:{near_port}",
                "data_dir": str(folder / "data"), "bin_dir": str(programs), "pgpass": str(folder / "pgpass"),
                "pg_hba": ["local all all trust", "host all all 127.0.0.1/32 trust",
                           "host replication all 127.0.0.1/32 trust"],
                "authentication": {"superuser": {"username": POSTGRES_USER},
                                   "replication": {"username": "replica"}, "rewind": {"username": POSTGRES_USER}},
                "parameters": {"unix_socket_directories": str(folder)},
            },
        }
        # JSON is YAML.
        (folder / "patroni.json").write_text(json.dumps(settings))
        command = ["patroni", str(folder / "patroni.json")]
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", POSTGRES_USER, str(folder)], check=True)
            command = ["setpriv", "--reuid", POSTGRES_USER, "--regid", POSTGRES_USER, "--clear-groups", "--"] + command
        super().__init__(name, directory, command)

    def answers(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.rest_port}{path}", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    @property
    def is_primary(self):
        return self.answers("/primary")

    def psql(self, sql, database="postgres"):
        return subprocess.run(
            ["psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", POSTGRES_USER, "-X", "-q", "-A", "-t",
             "-v", "ON_ERROR_STOP=1", "-c", sql, database],
            check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    def roots(self):
        # Patroni starts the server apart from itself.
        try:
            return super().roots() + [self.server_process()]
        except FileNotFoundError:
            return super().roots()

    def server_process(self):
        """The process id of PostgreSQL itself.

        FileNotFoundError: it does not run; its number may be another program's by now."""
        data = self.directory / self.name / "data"
        number = int((data / "postmaster.pid").read_text().split("\n")[0])
        if str(data).encode() not in pathlib.Path(f"/proc/{number}/cmdline").read_bytes():
            raise FileNotFoundError(f"process {number} is not {self.name}")
        return number


class Cluster:
    """All nodes of a site."""

    def __init__(self, directory, binaries):
        self.directory = pathlib.Path(directory)
        os.chmod(self.directory, 0o755)
        port, peer = free_port(), free_port()
        self.etcd = Node("etcd", directory, [
            "etcd", "--name", "one", "--data-dir", str(self.directory / "etcd"), "--unsafe-no-fsync",
            "--listen-client-urls", f"http://127.0.0.1:{port}", "--advertise-client-urls", f"http://127.0.0.1:{port}",
            "--listen-peer-urls", f"http://127.0.0.1:{peer}",
            "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}",
            "--initial-cluster", f"one=http://127.0.0.1:{peer}", "--log-level", "error"])
        self.etcd.start()
        self.postgres = [Postgres(f"postgres-{number}", directory, port) for number in (1, 2, 3)]
        self.postgres[0].start()
        until("the first PostgreSQL is the primary", lambda: self.postgres[0].is_primary)
        for node in self.postgres[1:]:
            node.start()
        self.wait_for_postgres()
        self.primary().psql("CREATE DATABASE ticketflower TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
        self.start_redis()
        self.start_programs(pathlib.Path(binaries))

    # PostgreSQL

    def primary(self):
        return until("one PostgreSQL is the primary",
                     lambda: next((node for node in self.postgres if node.runs and node.is_primary), None))

    def wait_for_postgres(self):
        """Waits until the primary has a standby that takes over without a loss, and the others follow."""
        def is_complete():
            return (sum(node.answers("/primary") for node in self.postgres) == 1
                    and sum(node.answers("/replica") for node in self.postgres) == 2
                    and any(node.answers("/sync") for node in self.postgres))
        until("PostgreSQL has a primary and two standbys", is_complete, seconds=180, pause=0.5)

    # Redis

    def start_redis(self):
        self.redis, self.sentinels = [], []
        for number in (1, 2, 3):
            port = free_port()
            # Sentinels, replicas and programs know it by this one.
            cable = Cable(f"cable-of-redis-{number}", self.directory, [port])
            cable.start()
            command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                       "--dir", str(self.directory), "--repl-diskless-sync-delay", "0",
                       "--replica-announce-ip", "127.0.0.1", "--replica-announce-port", str(cable.near[0])]
            if self.redis:
                command += ["--replicaof", "127.0.0.1", str(self.redis[0].near_port)]
            node = Node(f"redis-{number}", self.directory, command)
            node.port, node.near_port, node.cable = port, cable.near[0], cable
            node.start()
            self.redis.append(node)
        for number in (1, 2, 3):
            port = free_port()
            file = self.directory / f"sentinel-{number}.conf"
            file.write_text(f"port {port}\nbind 127.0.0.1\ndir {self.directory}\n"
                            f"sentinel monitor {SENTINEL_NAME} 127.0.0.1 {self.redis[0].near_port} 2\n"
                            f"sentinel down-after-milliseconds {SENTINEL_NAME} 1000\n"
                            f"sentinel failover-timeout {SENTINEL_NAME} 5000\n")
            node = Node(f"sentinel-{number}", self.directory, ["redis-server", str(file), "--sentinel"])
            node.port = port
            node.start()
            self.sentinels.append(node)
        self.wait_for_redis()

    @staticmethod
    def redis_answer(port, *command):
        return subprocess.run(["redis-cli", "-p", str(port), *command], check=True, capture_output=True, text=True,
                              timeout=5).stdout.strip()

    def redis_primary(self):
        answer = self.redis_answer(self.sentinels[0].port, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", SENTINEL_NAME)
        return next(node for node in self.redis if str(node.near_port) == answer.split("\n")[-1])

    def wait_for_redis(self):
        def is_complete():
            for sentinel in self.sentinels:
                lines = self.redis_answer(sentinel.port, "SENTINEL", "MASTER", SENTINEL_NAME).split("\n")
                facts = dict(zip(lines[::2], lines[1::2]))
                if facts["flags"] != "master" or facts["num-other-sentinels"] != "2":
                    return False
            replication = self.redis_answer(self.redis_primary().port, "INFO", "replication")
            return replication.count("state=online") == 2
        until("Redis has a primary with two replicas, and three sentinels know it", is_complete, pause=0.5)

    # TicketFlower

    def start_programs(self, binaries):
        self.binaries = binaries
        # Of each machine, to PostgreSQL and to Redis.
        self.cables, self.redis_cables = [], []
        for number in (1, 2):
            self.cables.append(Cable(f"cable-{number}", self.directory, [node.port for node in self.postgres]))
            self.redis_cables.append(self.redis_cable(number))
        for cable in self.cables + self.redis_cables:
            cable.start()
        ports = [free_port() for _ in range(2)]
        # Whoever asks here gets one web or the other.
        self.front = Cable("front", self.directory, [ports])
        self.front.start()
        self.host_name = f"localhost:{self.front.near[0]}"
        self.address = f"http://{self.host_name}"
        self.environment = {
            "TF_LOG_LEVEL": "notice", "TF_LOG_FORMAT": "text", "TF_BASE_URL": self.address,
            "TF_MASTER_KEY_FILE": str(self.directory / "given" / "master.key"), **self.host(1),
            "TF_STORE_URL": self.store_url(node.port for node in self.postgres),
            "TF_REDIS_URL": self.redis_url(node.port for node in self.sentinels),
        }
        self.daemons = [Node(f"tf-daemon-{number}", self.directory, [str(binaries / "tf-daemon")],
                             self.environment | self.host(number) | {"TF_METRICS_BIND": f"127.0.0.1:{free_port()}"})
                        for number in (1, 2)]
        self.webs = []
        for number, port in zip((1, 2), ports):
            node = Node(f"tf-web-{number}", self.directory, [str(binaries / "tf-web")],
                        self.environment | self.host(number) | {"TF_HTTP_BIND": f"127.0.0.1:{port}"})
            node.port = port
            self.webs.append(node)

    @property
    def site(self):
        return Site(self.host_name, [node.port for node in self.webs])

    @staticmethod
    def store_url(ports):
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
        return f"postgresql://{POSTGRES_USER}@{hosts}/ticketflower?target_session_attrs=read-write"

    @staticmethod
    def redis_url(ports):
        return f"redis+sentinel://{','.join(f'127.0.0.1:{port}' for port in ports)}/{SENTINEL_NAME}"

    def redis_cable(self, number):
        """A machine's cable to the sentinels and to the servers that these name: the machine knows a server by the cable's
        port, so that is what sentinels have to tell it."""
        cable = Cable(f"redis-cable-{number}", self.directory,
                      [node.port for node in self.sentinels] + [node.near_port for node in self.redis])
        words = zip((node.near_port for node in self.redis), cable.near[len(self.sentinels):])
        cable.command += [f"{far}={near}" for far, near in words]
        return cable

    def host(self, number):
        """The settings of one of two machines: a daemon and a web share its data directory, its definitions and its cables
        to PostgreSQL and Redis, and nothing else does."""
        return {"TF_DATA": str(self.directory / f"host-{number}"),
                "TF_DEFINITIONS": str(self.directory / f"workflows-{number}"),
                "TF_STORE_URL": self.store_url(self.cables[number - 1].near),
                "TF_REDIS_URL": self.redis_url(self.redis_cables[number - 1].near[:len(self.sentinels)])}

    def run(self, program, *arguments, text=""):
        return subprocess.run(
            [str(self.binaries / program), *arguments], env={**os.environ, **self.environment}, input=text,
            check=True, capture_output=True, text=True, timeout=600).stdout

    def serve(self):
        for node in self.daemons + self.webs:
            node.start()
        for node in self.webs:
            self.wait_for_web(node)
        until("the daemons share the companies", lambda: len(self.status()["daemons"]) == 2)

    def status(self):
        done = subprocess.run(
            [str(self.binaries / "tf-daemon"), "status", "--json"], env={**os.environ, **self.environment},
            capture_output=True, text=True, timeout=60)
        return json.loads(done.stdout)

    def wait_for_web(self, node):
        def serves():
            with urllib.request.urlopen(f"http://127.0.0.1:{node.port}/healthz", timeout=2) as answer:
                return answer.status == 200
        until(f"{node.name} serves", serves)

    def stop(self):
        groups = ("webs", "daemons", "sentinels", "redis", "postgres")
        nodes = [node for group in groups for node in getattr(self, group, [])]
        cables = [node.cable for node in nodes if hasattr(node, "cable")]
        cables += getattr(self, "cables", []) + getattr(self, "redis_cables", [])
        for node in nodes + [self.etcd] + cables + ([self.front] if hasattr(self, "front") else []):
            node.stop()
