"""A server and its clients over TLS on loopback, in threads: real certificates, real messages, tiny adapters, and what goes wrong."""

from __future__ import annotations

import dataclasses
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from pixelmind.adaptation.federated import coordinator, member
from pixelmind.adaptation.federated.accounting import BudgetSpent
from pixelmind.adaptation.federated.coordinator import Coordinator
from pixelmind.adaptation.federated.identity import Identity, make_keys
from pixelmind.adaptation.federated.member import Member
from pixelmind.adaptation.federated.messages import Keys, Message, encode
from pixelmind.adaptation.federated.server import FederationServer, open_federation
from pixelmind.adaptation.federated.settings import PROTOCOL, Hello, Settings, Update, content_id
from pixelmind.errors import BadInput

SETTINGS = Settings(
    federation="f", weights="w", length=6, rounds=2, clients=3, clip=4.0, max_weight=9, patience=60.0, work=60.0
)


class Toy:
    """Learns towards a goal; remembers the versions it was given."""

    def __init__(self, goal: float, pictures: int = 3) -> None:
        self.goal, self.pictures = goal, pictures
        self.kept: list[np.ndarray] = []
        self.basis: list[bytes] = []

    def given(self, basis: bytes) -> Toy:
        self.basis.append(basis)
        return self

    def update(self, shared: np.ndarray) -> np.ndarray:
        return 0.5 * (np.full(6, self.goal) - shared)

    def keep(self, shared: np.ndarray, index: int) -> None:
        self.kept.append(shared)


class Running:
    """A server in a thread, which can be killed and started again at its port."""

    def __init__(self, folder: Path, keys: Path, settings: Settings, basis: bytes = b"") -> None:
        self.folder, self.identity, self.settings = folder, Identity.load(keys / "server.pem", "server"), settings
        self.basis = basis
        self.lines: list[str] = []
        self.port = 0
        self.start()

    def start(self) -> None:
        self.coordinator = open_federation(
            self.settings,
            self.folder,
            self.identity,
            tell=self.lines.append,
            changed=lambda vector: None,
            basis=self.basis,
        )
        ready = threading.Event()

        def opened(port: int) -> None:
            self.port = port
            ready.set()

        self.server = FederationServer(self.coordinator, give_up=120.0, opened=opened)
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self.port))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listening]}, daemon=True)
        self.thread.start()
        assert ready.wait(60)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(60)
        assert not self.thread.is_alive()

    @property
    def report(self) -> dict:
        return json.loads((self.folder / "report.json").read_text())


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds begin as soon as enough clients are there."""
    monkeypatch.setattr(coordinator, "SETTLE", 0.05)
    monkeypatch.setattr(coordinator, "AGAIN", 0.05)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    made = make_keys(folder, ["127.0.0.1"], ["anna", "ben", "cleo", "dan"])
    assert [p.stat().st_mode & 0o777 for p in made] == [0o600] * 5
    return folder


@pytest.fixture
def serve(tmp_path: Path, keys: Path) -> Iterator[Callable[..., Running]]:
    """Starts a server with SETTINGS changed as said."""
    made: list[Running] = []

    def start(data: bytes = b"", **changes: object) -> Running:
        made.append(Running(tmp_path / "server", keys, dataclasses.replace(SETTINGS, **changes), data))
        return made[-1]

    yield start
    for running in made:
        running.stop()


class Clients:
    """Clients in threads; `ended` says how each came to its end."""

    def __init__(self, running: Running, keys: Path, home: Path) -> None:
        self.running, self.keys, self.home = running, keys, home
        self.ended: dict[str, str | Exception] = {}
        self.toys: dict[str, Toy] = {}
        self.members: dict[str, Member] = {}
        self.lines: dict[str, list[str]] = {}
        self.threads: dict[str, threading.Thread] = {}

    def join(self, name: str, toy: Toy | None = None, kind: type[Member] = Member, **options: object) -> None:
        identity = Identity.load(self.keys / f"{name}.pem", "client")
        self.toys[name] = toy or Toy(goal=float(len(self.toys)))
        lines = self.lines.setdefault(name, [])
        made = kind(
            f"127.0.0.1:{self.running.port}",
            identity,
            lambda settings, basis: self.toys[name].given(basis),
            self.home,
            tell=lines.append,
            **{"give_up": 60.0, **options},
        )
        self.members[name] = made

        def run() -> None:
            try:
                self.ended[name] = made.run()
            except Exception as error:
                self.ended[name] = error

        self.threads[name] = threading.Thread(target=run, daemon=True)
        self.threads[name].start()

    def wait(self, *names: str, seconds: float = 90.0) -> None:
        until = time.monotonic() + seconds
        for name in names or self.threads:
            self.threads[name].join(max(0.0, until - time.monotonic()))
            assert not self.threads[name].is_alive(), (name, self.lines[name], self.running.lines)


@pytest.fixture
def clients(tmp_path: Path, keys: Path) -> Callable[[Running], Clients]:
    return lambda running: Clients(running, keys, tmp_path / "homes")


def test_three_clients_learn_one_adapter_over_tls(serve, clients) -> None:
    running = serve()
    them = clients(running)
    for name, goal, pictures in (("anna", 0.0, 1), ("ben", 1.0, 2), ("cleo", 2.0, 3)):
        them.join(name, Toy(goal, pictures))
    them.wait()
    assert set(them.ended.values()) == {"all 2 rounds are done"}
    # Weighted goal (0 + 2 + 6) / 6 = 4/3; after two halvings of the way 3/4 of it.
    found = [toy.kept[-1] for toy in them.toys.values()]
    assert np.abs(found[0] - 1.0).max() < 1e-3
    assert all(np.array_equal(found[0], other) for other in found)
    assert np.array_equal(running.coordinator.versions.vector, found[0].astype(np.float32))
    told = running.report
    assert told["simulated"] is False
    assert [r["members"] for r in told["history"]] == [["anna", "ben", "cleo"]] * 2
    assert told["refused"] == {}
    assert told["traffic"]["up"] > 0 < told["traffic"]["down"]


def test_a_basis_is_fetched_once_and_is_the_one_agreed_on(serve, clients) -> None:
    running = serve(b"directions", basis=content_id(b"directions"), rounds=1)
    them = clients(running)
    kept = them.home / f"basis-{content_id(b'directions')}.safetensors"
    kept.parent.mkdir()
    kept.write_bytes(b"damaged")  # is fetched anew
    for name in ("anna", "ben", "cleo"):
        them.join(name)
    them.wait()
    assert set(them.ended.values()) == {"all 1 rounds are done"}
    assert [toy.basis for toy in them.toys.values()] == [[b"directions"]] * 3
    assert kept.read_bytes() == b"directions"
    running.stop()
    with pytest.raises(BadInput, match="its own --basis"):
        open_federation(
            dataclasses.replace(running.settings, basis=""),
            running.folder,
            running.identity,
            tell=print,
            changed=lambda vector: None,
        )


def test_another_basis_than_the_settings_name_is_not_taken(serve, clients) -> None:
    running = serve(b"others", basis=content_id(b"directions"))
    them = clients(running)
    them.join("anna")
    them.wait()
    assert "not the one that its settings name" in str(them.ended["anna"])
    assert them.toys["anna"].basis == []
    assert not list((them.home).glob("basis*"))


def until_true(what: Callable[[], bool], running: Running, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, running.lines
        time.sleep(0.02)


class Dies(Member):
    """Dies when it is given a task of this kind for the first time, without a word."""

    at = ""

    def _do(self, task: Message) -> None:
        if task.kind == self.at:
            raise KeyboardInterrupt
        super()._do(task)


@pytest.mark.parametrize("at", ["start", "roster", "inbox", "survivors"])
@pytest.mark.parametrize("others", [3, 2])
def test_a_client_that_dies_in_any_phase(serve, clients, at: str, others: int) -> None:
    """With three others a round is finished without it; with two it is aborted, and the next begins once it is back."""
    running = serve(rounds=1, clients=others + 1, dropouts=0.3 if others == 3 else 0.0)
    them = clients(running)
    for name in ("anna", "ben", "cleo")[:others]:
        them.join(name)
    identity = Identity.load(them.keys / "dan.pem", "client")
    dead = type("Dead", (Dies,), {"at": at})(
        f"127.0.0.1:{running.port}", identity, lambda settings, basis: Toy(1.0), them.home
    )
    with pytest.raises(KeyboardInterrupt):
        dead.run()
    on = running.coordinator.round
    assert on is not None
    until_true(lambda: on.sums.waiting == {"dan"}, running)
    on.deadline = 0.0  # time is up
    if others == 2:
        until_true(lambda: any("aborted" in line for line in running.lines), running)
        assert not running.coordinator.versions.vector.any()
        them.join("dan")
    them.wait()
    assert set(them.ended.values()) == {"all 1 rounds are done"}
    history = running.report["history"]
    step = {"start": "keys", "roster": "shares", "inbox": "vector", "survivors": "opening"}[at]
    assert history[0]["lost"] == {"dan": step}
    assert ("aborted" in history[0]) == (others == 2)
    assert len(history[-1]["members"]) == 3 + (at == "survivors" and others == 3)


def test_a_server_that_is_killed_between_rounds_goes_on(serve, clients) -> None:
    """The second process has the version, the rounds and the budget of the first; clients come back by themselves, with what changed."""
    running = serve(rounds=3, multiplier=4.0, epsilon=50.0)
    them = clients(running)
    stopped = threading.Event()
    kept = Coordinator._begin

    def begin(self: Coordinator, names: list[str]) -> None:
        if self.done == 1 and not stopped.is_set():
            stopped.set()
            return
        kept(self, names)

    running.coordinator._begin = begin.__get__(running.coordinator)  # type: ignore[method-assign]
    for name in ("anna", "ben", "cleo"):
        them.join(name)
    assert stopped.wait(60)
    running.stop()
    first = running.report
    running.start()
    assert running.coordinator.versions.newest == first["version"]
    assert running.coordinator.account is not None
    assert running.coordinator.account.epsilon == pytest.approx(first["privacy"]["epsilon"]) != 0
    them.wait()
    assert set(them.ended.values()) == {"all 3 rounds are done"}
    assert running.report["rounds"] == 3
    assert any("anew" in line for line in them.lines["anna"])
    final = [toy.kept[-1] for toy in them.toys.values()]
    assert all(np.array_equal(final[0], other) for other in final)
    spent = [m.account.epsilon for m in them.members.values() if m.account is not None]
    assert spent == pytest.approx([running.report["privacy"]["epsilon"]] * 3)


def test_an_opening_that_a_killed_server_cannot_rule_out_is_counted(serve, tmp_path: Path, keys: Path) -> None:
    running = serve(multiplier=4.0, epsilon=50.0)
    running.coordinator.opening = True
    running.coordinator.save()
    running.stop()
    running.start()
    assert running.coordinator.account is not None
    assert len(running.coordinator.account.rounds) == 1
    assert running.coordinator.opening is False


def test_a_spent_budget_ends_it_with_one_line(serve, clients) -> None:
    running = serve(rounds=50, multiplier=2.0, epsilon=4.0)
    them = clients(running)
    for name in ("anna", "ben", "cleo"):
        them.join(name)
    them.wait()
    assert all("the privacy budget is spent" in str(end) for end in them.ended.values())
    told = running.report
    assert 1 <= told["rounds"] < 50
    assert 0 < told["privacy"]["epsilon"] <= 4.0
    assert "budget is spent" in told["finished"]


def test_a_clients_own_budget_holds_whatever_the_server_says(serve, clients) -> None:
    running = serve(rounds=50, multiplier=2.0, epsilon=40.0)
    them = clients(running)
    for name in ("anna", "ben"):
        them.join(name, give_up=1.0)
    them.join("cleo", epsilon=2.5)
    them.wait("cleo")
    assert isinstance(them.ended["cleo"], BudgetSpent)
    spent = them.members["cleo"].account
    assert spent is not None
    assert 0 < spent.epsilon <= 2.5
    # A new process of the same client knows what was spent.
    them.join("cleo", epsilon=2.5)
    them.wait("cleo")
    assert isinstance(them.ended["cleo"], BudgetSpent)
    running.stop()
    them.wait()


def test_nan_is_not_sent_and_the_others_go_on(serve, clients) -> None:
    running = serve(rounds=1, clients=4, dropouts=0.3)
    them = clients(running)
    for name in ("anna", "ben", "cleo"):
        them.join(name)
    them.join("dan", Toy(np.nan))
    them.wait()
    assert any("NaN" in line for line in them.lines["dan"])
    assert running.report["history"][-1]["members"] == ["anna", "ben", "cleo"]
    assert np.isfinite(running.coordinator.versions.vector).all()


def test_a_client_that_is_refused_again_and_again_leaves(serve, clients, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member, "MOST_REFUSALS", 3)
    running = serve(rounds=1, clients=4, dropouts=0.0)
    them = clients(running)
    for name in ("anna", "ben", "cleo"):
        them.join(name, give_up=1.0)
    them.join("dan", Toy(np.nan))
    them.wait("dan")
    assert "3 refusals" in str(them.ended["dan"])
    assert len([r for r in running.report["history"] if "aborted" in r]) >= 2
    assert not running.coordinator.versions.vector.any()
    running.stop()
    them.wait()


def test_a_client_without_sprites_receives_only(serve, clients) -> None:
    running = serve(rounds=1)
    them = clients(running)
    them.join("dan", sends=False)
    for name in ("anna", "ben", "cleo"):
        them.join(name)
    them.wait()
    assert running.report["history"][0]["members"] == ["anna", "ben", "cleo"]
    assert np.array_equal(them.toys["dan"].kept[-1], them.toys["anna"].kept[-1])
    assert "receiver only" in " ".join(them.lines["dan"])


@pytest.mark.parametrize(("rule", "close"), [("mean", False), ("median", True), ("trimmed", True)])
def test_poisoned_updates_are_bounded_and_shown_where_single_ones_are_seen(
    serve, clients, rule: str, close: bool
) -> None:
    running = serve(rounds=1, clients=4, secure=False, rule=rule, clip=3.0)
    them = clients(running)
    for name in ("anna", "ben", "cleo"):
        them.join(name, Toy(1.0), plain=True)
    them.join("dan", Toy(-1e6), plain=True)
    them.wait()
    moved = running.coordinator.versions.vector
    assert np.linalg.norm(moved) <= 3.0
    assert (np.abs(moved - 0.5).max() < 1e-3) == close
    told = running.report["history"][0]
    assert told["clipped"] == 1
    assert told["norms"]["dan"] > 1e6 > 3.0 > told["norms"]["anna"]
    assert running.report["bounds"] == {"clip": 3.0, "rule": rule, "single_updates_seen": True}


def test_poison_is_bounded_by_the_clip_norm_under_masks(serve, clients) -> None:
    running = serve(rounds=1, clients=4, clip=3.0, max_weight=1)
    them = clients(running)
    for name in ("anna", "ben", "cleo"):
        them.join(name, Toy(0.0))
    them.join("dan", Toy(-1e6))
    them.wait()
    assert np.linalg.norm(running.coordinator.versions.vector) == pytest.approx(3.0 / 4, rel=1e-3)


def test_plain_sums_need_to_be_agreed_to(serve, clients) -> None:
    running = serve(secure=False)
    them = clients(running)
    them.join("anna")
    them.wait()
    assert "--plain" in str(them.ended["anna"])
    them.join("ben", epsilon=3.0, plain=True)
    them.wait()
    assert "no differential privacy" in str(them.ended["ben"])


def test_wrong_certificates_are_told_in_one_line(serve, clients, keys: Path, tmp_path: Path) -> None:
    running = serve()
    make_keys(tmp_path / "others", ["127.0.0.1"], ["anna"])
    stranger = clients(running)
    stranger.keys = tmp_path / "others"
    stranger.join("anna")
    stranger.wait()
    assert isinstance(stranger.ended["anna"], BadInput)
    assert "certificate" in str(stranger.ended["anna"])
    # This server shows a certificate for 127.0.0.1, not for another name.
    identity = Identity.load(keys / "anna.pem", "client")
    with pytest.raises(BadInput, match="certificate"):
        Member(f"localhost:{running.port}", identity, lambda s: Toy(0.0), tmp_path).run()
    with pytest.raises(BadInput, match="not a client's"):
        Identity.load(keys / "server.pem", "client")
    with pytest.raises(BadInput, match="no identity"):
        Identity.load(Path(__file__), "client")
    assert running.coordinator.mail == {}


class Raw:
    """A client that sends what it likes."""

    def __init__(self, running: Running, keys: Path, name: str) -> None:
        self.name, self.identity = name, Identity.load(keys / f"{name}.pem", "client")
        self.http = httpx.Client(
            base_url=f"https://127.0.0.1:{running.port}", verify=self.identity.tls(), trust_env=False
        )

    def post(self, path: str, data: bytes) -> httpx.Response:
        return self.http.post(path, content=data)

    def hello(self, protocol: int = PROTOCOL, peer: str = "") -> httpx.Response:
        return self.post("/hello", encode(Hello(round="", peer=peer or self.name, protocol=protocol, sends=True)))


@pytest.fixture
def raw(keys: Path) -> Iterator[Callable[[Running, str], Raw]]:
    made: list[Raw] = []

    def connect(running: Running, name: str) -> Raw:
        made.append(Raw(running, keys, name))
        return made[-1]

    yield connect
    for one in made:
        one.http.close()


def test_malformed_replayed_oversized_and_foreign_messages_are_refused(raw, serve) -> None:
    running = serve(patience=20.0)
    raws = {name: raw(running, name) for name in ("anna", "ben", "cleo")}
    anna = raws["anna"]
    assert anna.http.get("/task?after=0").status_code == 428
    assert anna.post("/message", b"x").status_code == 428
    assert "protocol" in anna.hello(protocol=PROTOCOL + 1).text
    assert "says that it is" in anna.hello(peer="ben").text
    assert anna.post("/hello", b"\xc1").status_code == 400
    for one in raws.values():
        assert one.hello().status_code == 200
        assert one.http.get("/task?after=0").status_code == 200  # ready for a round
    until_true(lambda: running.coordinator.round is not None, running)
    running_round = running.coordinator.round
    assert running_round is not None
    made = {}
    for name, one in raws.items():
        mask, seal = (bytes([ord(name[0]), i]) * 16 for i in (1, 2))
        proof = one.identity.sign(running_round.id, mask, seal) + one.identity.der
        made[name] = Keys(round=running_round.id, peer=name, mask_key=mask, seal_key=seal, proof=proof)
    good = made["anna"]
    for wrong in (
        b"",
        b"\x00" * 100,
        encode(made["ben"]),  # somebody else's
        encode(dataclasses.replace(good, round="another")),
        encode(dataclasses.replace(good, proof=b"")),
        encode(dataclasses.replace(good, proof=made["ben"].proof)),
        encode(dataclasses.replace(good, mask_key=good.mask_key[::-1])),  # not what was signed
        encode(Update(round=running_round.id, peer="anna", vector=bytes(24), weight=1)),
        bytes(running.coordinator.limit() + 1),
    ):
        assert anna.post("/message", wrong).status_code == 400
    assert anna.post("/message", encode(good)).status_code == 204
    assert anna.post("/message", encode(good)).status_code == 400  # replayed
    assert running_round.sums.waiting == {"ben", "cleo"}
    assert sum(running.coordinator.refused.values()) == 13
    with (
        httpx.Client(base_url=f"https://127.0.0.1:{running.port}", verify=False, trust_env=False) as bare,
        pytest.raises(httpx.TransportError),  # who shows no certificate
    ):
        bare.get("/task")
    for one in raws.values():
        one.http.close()


def test_made_up_clients_are_refused_by_the_others(keys: Path, tmp_path: Path) -> None:
    """A server that lies: it passes on keys that no client of the authority signed, or signed for another round, or as another."""
    from pixelmind.adaptation.federated.messages import Refused, Roster
    from pixelmind.adaptation.federated.plan import Plan
    from pixelmind.adaptation.federated.secagg_client import SecAggClient

    plan = Plan.choose(3, 4, 24)
    own = {n: Identity.load(keys / f"{n}.pem", "client") for n in ("anna", "ben", "cleo")}
    make_keys(tmp_path, ["127.0.0.1"], ["cleo"])
    forged = Identity.load(tmp_path / "cleo.pem", "client")
    sides = {n: SecAggClient(n, plan, identity) for n, identity in own.items()}
    sent = {n: side.advertise() for n, side in sides.items()}
    join = lambda k: k.mask_key + k.seal_key + k.proof  # noqa: E731
    whole = {n: join(k) for n, k in sent.items()}
    false = {
        "made up": join(SecAggClient("cleo", plan, forged).advertise()),
        "another round": join(SecAggClient("cleo", Plan.choose(3, 4, 24), own["cleo"]).advertise()),
        "another client": join(SecAggClient("cleo", plan, own["ben"]).advertise()),
        "unsigned": join(SecAggClient("cleo", plan).advertise()),
        "server": whole["cleo"][:128] + Identity.load(keys / "server.pem", "server").der,
    }
    for value in false.values():
        with pytest.raises(Refused):
            sides["anna"].share(Roster(round=plan.round, peer="anna", keys={**whole, "cleo": value}))
    sides["anna"].share(Roster(round=plan.round, peer="anna", keys=whole))


def test_keys_are_made_once_and_names_are_checked(keys: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there already"):
        make_keys(keys, [], ["eve", "anna"])
    assert not (keys / "eve.pem").exists()
    for bad in (["Eve!"], ["server"], ["eve", "eve"]):
        with pytest.raises(BadInput, match="cannot name"):
            make_keys(keys, [], bad)
    (made,) = make_keys(keys, [], ["eve"])
    assert Identity.load(made, "client").authority == Identity.load(keys / "anna.pem", "client").authority
    (tmp_path / "authority.pem").write_text("x")
    with pytest.raises(BadInput, match="no authority"):
        make_keys(tmp_path, [], ["eve"])
    made.unlink()
