"""What is noted of how an apply has left each resource: all of it after a good end, and never what is not so."""

from deployer.state.state_store import StateStore

PHASES = ("before", "after")


def noted(arena):
    known = StateStore.open(None, arena.project.root).inventory.known("local")
    return {address: state.digest for address, state in known.final_states.items()}


def live(arena):
    ran = arena.project.run("plan", "local", "--no-lint", "--json")
    assert ran.code == 0, ran.all
    return {
        f"{change['kind']}.{change['name']}": change["live_digest"]
        for change in ran.json["plan"]["changes"]
        if change["live_digest"] is not None
    }


def untrue(arena):
    """The notes that say something else than what the tenant has, in which nobody else has done anything."""
    now = live(arena)
    return {address for address, digest in noted(arena).items() if now.get(address) != digest}


def test_everything_of_every_kind_is_noted_as_a_plan_reads_it(every_kind):
    ran = every_kind.apply()
    assert ran.code == 0, ran.all
    assert noted(every_kind) == live(every_kind)
    assert len(noted(every_kind)) > 12


def test_after_a_kill_at_any_write_to_the_store_no_note_is_untrue(arena, forks, tmp_path):
    nth, killed = 0, 0
    while True:
        nth += 2
        arena.reset()
        command = ["--chdir", str(arena.project.root), "--no-token-cache", *arena.command]
        forks.start(command, tmp_path / "out", kill_at=nth, when=PHASES[nth // 2 % 2])
        code = forks.wait()
        if code != -9:
            break
        killed += 1
        assert untrue(arena) == set(), nth
        unfinished = arena.unfinished()
        ran = arena.recover(*(["--finish"] if nth % 8 < 4 else []))
        assert ran.code == 0 or not unfinished, ran.all
        assert untrue(arena) == set(), (nth, ran.all)
    assert killed > 4


def test_after_a_failed_write_to_any_kind_no_note_is_untrue(every_kind):
    writes = [n for n, request in enumerate(every_kind.requests, 1) if not request.startswith("GET")]
    for nth in writes[2::11]:
        every_kind.reset()
        every_kind.tenant.weather.add_fault("status", nth=nth, status=400, times=1)
        ran = every_kind.apply()
        every_kind.tenant.weather.clear()
        assert ran.code in (0, 1), ran.all
        assert untrue(every_kind) == set(), (nth, ran.all)
        # What was begun and taken back has none at all: its secrets were written again.
        assert ran.code == 0 or len(noted(every_kind)) < len(live(every_kind))
