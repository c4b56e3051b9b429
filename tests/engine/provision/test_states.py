"""Does every deployment end, whatever happens, and does its container always have the status that follows from it?"""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from engine.provision.outcome import status_after
from engine.provision.pace import RETRIED, UNSURE, Pace
from engine.provision.states import (
    CONTAINER_MOVES,
    DEPLOYMENT_MOVES,
    RESOURCE_MOVES,
    RUNNING,
    UNDOING,
    ContainerStatus,
    DeploymentAction,
    DeploymentState,
    IllegalMove,
    ResourceState,
    moved,
)

ENDS = frozenset(DeploymentState) - RUNNING


def reachable(state: DeploymentState) -> set[DeploymentState]:
    found, waiting = {state}, [state]
    while waiting:
        new = DEPLOYMENT_MOVES.get(waiting.pop(), frozenset()) - found
        found |= new
        waiting += new
    return found


@pytest.mark.parametrize("state", sorted(RUNNING))
def test_from_every_running_state_there_is_a_way_to_an_end(state: DeploymentState) -> None:
    assert reachable(state) & ENDS


@pytest.mark.parametrize("state", sorted(ENDS))
def test_an_end_is_an_end(state: DeploymentState) -> None:
    assert reachable(state) == {state}


@pytest.mark.parametrize("state", sorted(RUNNING - UNDOING))
def test_everything_that_is_not_on_its_way_back_can_fail_and_be_cancelled(state: DeploymentState) -> None:
    assert {DeploymentState.FAILING, DeploymentState.CANCELLING} <= DEPLOYMENT_MOVES[state]


def test_every_live_container_can_be_left() -> None:
    for status in ContainerStatus:
        assert (status in CONTAINER_MOVES) == status.live
    assert ContainerStatus.RETIRED in CONTAINER_MOVES[ContainerStatus.NEEDS_CLEANUP]


def test_every_resource_can_be_asked_for_again_and_removed() -> None:
    for state in ResourceState:
        assert state is ResourceState.DELETING or ResourceState.DELETING in RESOURCE_MOVES[state]
        assert state is ResourceState.INTENT or ResourceState.INTENT in RESOURCE_MOVES[state]


@given(st.sampled_from(DeploymentState), st.sampled_from(DeploymentState))
def test_a_move_that_no_table_has_is_refused(before: DeploymentState, after: DeploymentState) -> None:
    if after == before or after in DEPLOYMENT_MOVES.get(before, frozenset()):
        assert moved(before, after) is after
    else:
        with pytest.raises(IllegalMove, match=f"{after.value} cannot follow {before.value}"):
            moved(before, after)


@pytest.mark.parametrize("action", DeploymentAction)
@pytest.mark.parametrize("end", sorted(ENDS))
def test_the_status_after_an_end_may_follow_the_one_during_it(action: DeploymentAction, end: DeploymentState) -> None:
    for live, usable, in_sync in product((False, True), repeat=3):
        retires = action is DeploymentAction.RETIRE
        during = ContainerStatus.UPDATING if live else ContainerStatus.PROVISIONING
        before = ContainerStatus.DEPROVISIONING if retires else during
        after = status_after(action, end, live=live, usable=usable, in_sync=in_sync)
        moved(before, after)
        if after is ContainerStatus.ACTIVE and end is not DeploymentState.SUCCEEDED:
            assert (usable, in_sync) == (True, True)
        if end in (DeploymentState.FAILED_DIRTY, DeploymentState.CANCELLED_DIRTY):
            assert after.live, "what could not be cleaned keeps the slot"


@given(st.integers(1, 10**6), st.floats(0, 1))
def test_the_time_between_tries_grows_to_its_bound_and_never_falls_below_half(tries: int, chance: float) -> None:
    pace = Pace(first=1, most=60, tries=6)
    whole = min(60.0, 2.0 ** min(tries - 1, 32))
    assert whole / 2 <= pace.delay(tries, chance=lambda: chance) <= whole


def test_only_the_class_of_an_error_and_the_budget_drive_another_try() -> None:
    pace = Pace(tries=3)
    for error_class in ("INVALID", "UNAUTHORIZED", "QUOTA", "STALE_GENERATION", "INTERNAL", "UNSUPPORTED", "whatever"):
        assert not pace.again(error_class, 1)
    for error_class in RETRIED:
        assert [pace.again(error_class, tries) for tries in (1, 2, 3)] == [True, True, False]
    assert UNSURE <= RETRIED


class Slot(RuleBasedStateMachine):
    """One slot of the mesh: requests, failures, cancellations and removals in any order.

    The model is what a person would say of it: what is live, what is there in the world, and whether the slot is held.
    """

    def __init__(self) -> None:
        super().__init__()
        self.status: ContainerStatus | None = None
        self.state: DeploymentState | None = None
        self.action = DeploymentAction.DEPLOY
        self.live = False  # a version was live before this deployment
        self.there = False  # something is there in the world

    @property
    def running(self) -> bool:
        return self.state is not None and self.state.running

    @property
    def held(self) -> bool:
        return self.status is not None and self.status.live

    def go(self, state: DeploymentState) -> None:
        assert self.state is not None
        self.state = moved(self.state, state)

    def become(self, status: ContainerStatus) -> None:
        assert self.status is not None
        self.status = moved(self.status, status)

    @precondition(lambda self: not self.running and self.status is not ContainerStatus.NEEDS_CLEANUP)
    @rule()
    def deploy(self) -> None:
        self.action, self.state, self.live = DeploymentAction.DEPLOY, DeploymentState.QUEUED, self.held
        if self.held:
            self.become(ContainerStatus.UPDATING)
        else:
            self.status = ContainerStatus.PROVISIONING

    @precondition(lambda self: not self.running and self.held)
    @rule()
    def retire(self) -> None:
        self.action, self.state = DeploymentAction.RETIRE, DeploymentState.QUEUED
        self.live = self.live or self.status is not ContainerStatus.NEEDS_CLEANUP
        self.become(ContainerStatus.DEPROVISIONING)

    @precondition(lambda self: self.running and self.state not in UNDOING)
    @rule()
    def advance(self) -> None:
        assert self.state is not None
        ahead = {"queued": "planning", "planning": "applying", "applying": "verifying", "verifying": "succeeded"}
        self.go(DeploymentState(ahead[self.state]))
        self.there = self.there or (self.state == "applying" and self.action is DeploymentAction.DEPLOY)
        if self.state is DeploymentState.SUCCEEDED:
            self.ended(usable=True, in_sync=True)
            self.there = self.action is DeploymentAction.DEPLOY

    @precondition(lambda self: self.running and self.state not in UNDOING)
    @rule(cancelled=st.booleans())
    def turn_back(self, cancelled: bool) -> None:
        self.go(DeploymentState.CANCELLING if cancelled else DeploymentState.FAILING)

    @precondition(lambda self: self.running and self.state in UNDOING)
    @rule(clean=st.booleans(), usable=st.booleans())
    def end(self, clean: bool, usable: bool) -> None:
        way = "cancelled" if self.state is DeploymentState.CANCELLING else "failed"
        self.go(DeploymentState(f"{way}_{'clean' if clean else 'dirty'}"))
        self.ended(usable=usable or clean, in_sync=clean)
        self.there = self.held

    @precondition(lambda self: not self.running and self.status is ContainerStatus.NEEDS_CLEANUP)
    @rule()
    def abandon(self) -> None:
        self.become(ContainerStatus.RETIRED)
        self.there = False

    def ended(self, *, usable: bool, in_sync: bool) -> None:
        assert self.state is not None
        self.become(status_after(self.action, self.state, live=self.live, usable=usable, in_sync=in_sync))
        if not self.held:
            self.live = False

    @invariant()
    def a_slot_is_never_free_while_something_is_there(self) -> None:
        if self.there and not self.running:
            assert self.held

    @invariant()
    def a_container_rests_only_in_statuses_of_rest(self) -> None:
        if self.status is not None and not self.running:
            assert self.status in {"active", "degraded", "needs_cleanup", "released", "retired"}


TestSlot = Slot.TestCase


@pytest.mark.parametrize("end", [DeploymentState.FAILED_DIRTY, DeploymentState.CANCELLED_DIRTY])
def test_making_the_same_version_again_and_failing_leaves_nothing_of_another_one(end: DeploymentState) -> None:
    broken = {"live": True, "usable": False, "in_sync": False}
    assert status_after(DeploymentAction.DEPLOY, end, same=True, **broken) is ContainerStatus.DEGRADED
    assert status_after(DeploymentAction.DEPLOY, end, **broken) is ContainerStatus.NEEDS_CLEANUP
    assert status_after(DeploymentAction.RETIRE, end, same=True, **broken) is ContainerStatus.NEEDS_CLEANUP
