"""Mistakes that control planes of this kind make, and where a test would notice them here.

Callers
- without auth other machines get in | test_serving.test_without_auth_callers_from_other_machines_are_turned_away
- TLS is announced and plain HTTP is spoken | acceptance.test_townhall_tls.test_it_speaks_tls
- no certificate gets in as well | acceptance.test_townhall_tls.test_callers_without_a_certificate_are_turned_away_where_one_is_required
- it starts on half of the settings for TLS | acceptance.test_townhall_tls.test_it_does_not_start_on_half_of_the_settings
- any web page may drive the town of the machine that it is looked at on | test_hosts.test_a_page_of_another_origin_is_refused
- browsers are told that every origin may call | test_hosts.test_browsers_are_told_of_no_origin_by_default
- a foreign name for our address gets in | test_hosts.test_a_name_that_was_made_to_lead_here_is_refused
- it starts with a key that nobody can have | api.auth.test_startup.test_what_lets_nobody_in_does_not_start
- it starts with a hash that is none | test_safety.test_a_hash_must_be_one
- it starts with tokens that it cannot check | test_safety.test_tokens_can_be_checked_or_it_does_not_start
- all callers are one, who cannot be told apart | api.auth.test_keys.test_a_named_key_is_a_caller_of_its_own
- a key cannot be taken back | test_guarded.test_a_revoked_key_stops_as_soon_as_it_is_forgotten
- a key never expires | api.auth.test_keys.test_an_expired_key_does_not_work_even_if_it_is_remembered
- no scopes are all scopes | api.auth.test_wrong_keys.test_no_scopes_are_no_scopes
- a scope implies another | test_guarded.test_a_key_for_everything_else_does_not_do
- an operation was forgotten at the gate | test_guarded.test_without_a_key_nobody_gets_in
- a refusal does not say how to be let in, or whether the key was wrong | test_guarded.test_without_a_key_nobody_gets_in
- a wrong key is told from an unknown one by the time it takes | api.auth.test_keys.test_every_wrong_named_key_costs_one_comparison
- every call costs an Argon2 computation | api.auth.test_keys.test_a_key_is_verified_once_in_a_while
- callers with wrong keys keep the server busy | api.auth.test_wrong_keys.test_too_many_wrong_keys_run_no_argon2
- many computations at a time use up the memory | api.auth.test_keys.test_few_are_computed_at_a_time_and_the_same_key_once
- metrics and the scaling signal cannot be kept from strangers | test_scaling.test_probes_can_be_kept_for_those_with_a_key
- probes show internal errors | test_probes.test_redis_away_is_not_ready_and_still_alive
- metrics show internal errors | test_scaling.test_metrics_say_that_redis_is_away_and_no_number

Audit and limits
- the log leaves the audit out by default | unit.test_audit.test_a_record_is_a_line_of_json_on_stderr_by_default
- failed logins leave no trace | test_audited.test_refusals_are_written_down
- a record lacks address, status, or what was changed | test_audited.test_a_change_is_written_down_with_who_and_what
- a request that ran out of time leaves no trace | test_audited.test_a_change_that_broke_off_is_written_down
- a look is written down as a change | test_audited.test_changes_that_came_to_nothing_are_written_down_and_looks_are_not
- a record cannot be found by what the caller was told | test_audited.test_a_change_is_written_down_with_who_and_what
- keys and tokens are in the audit or the log | test_audited.test_no_secret_is_written_anywhere
- the log of failures names a path that is a secret | test_audited.test_the_log_of_failures_has_no_token
- the limits are never asked | test_audited.test_each_caller_may_call_so_often_and_reads_and_writes_are_counted_apart
- anybody's word on where they call from is believed | test_address.test_the_address_is_that_of_the_caller
- callers without a name use up each other's calls | contract.test_permits.test_callers_and_kinds_do_not_use_up_each_others
- what is counted of callers is kept for ever | contract.test_permits.test_what_is_counted_goes_away_and_names_nobody
- whoever is refused is not told when to come again | test_rate_limits.test_a_caller_that_is_refused_is_told_when_to_come_again

Losses
- listing what could be reclaimed throws it away | test_recovery.test_without_a_destination_it_is_only_listed
- what is no task is lost on the way to the backlog | test_recovery.test_tasks_go_to_the_backlog_once_and_other_mail_stays
- a reclaimed task is an orphan as well and is queued twice | test_recovery.test_tasks_go_to_the_backlog_once_and_other_mail_stays
- an unknown agent costs the task that it was to claim | test_backlog.test_an_unknown_agent_costs_nothing
- a task without a record ends the giving of all, or vanishes | test_backlog.test_a_task_whose_record_is_lost_takes_no_other_with_it
- the end of the time cuts a step in the middle | test_backlog.test_what_there_is_no_time_for_is_left
- an answer that is lost takes drained mail with it | test_messages.test_mail_is_drained_some_at_a_time_and_a_lost_answer_can_be_had_again
- a corrupt entry ends a reclaim that has emptied the mailbox | test_recovery.test_a_corrupt_entry_does_not_stop_the_others
- a completed task overwrites a cancelled one | test_tasks.test_an_end_is_final
- a record that was read before is written over a newer one | test_lifecycle.test_a_step_of_somebody_else_in_between_is_noticed
- urgent mail is shown newest first | test_pages_of_mail.test_urgent_mail_is_shown_oldest_first
- urgent mail that is moved is urgent no more | test_recovery.test_urgent_mail_stays_urgent_when_it_is_moved
- a repeat of a request does it twice | test_repeats.test_a_repeat_returns_the_first_answer

Truth
- a new agent runs nothing | acceptance.test_worker.test_mail_wakes_an_agent_whose_worker_went_for_want_of_work
- a kill says stopped of an agent that works | test_agents.test_a_stop_never_says_stopped_of_an_agent_that_still_works
- two agents have one name, or none, or a parent that is not there | test_agents.test_what_cannot_be_an_agent_is_refused
- the nickname that an agent got is not shown | test_agents.test_a_spawned_agent_is_there_under_its_name
- the supervisor is given tasks that nobody does | test_tasks.test_nobody_is_given_nothing
- a task for a stopped agent is taken without a word | test_tasks.test_a_task_for_an_agent_that_is_held_says_so
- an agent that was scaled to zero loses its work | test_recovery.test_the_tasks_of_agents_that_only_sleep_are_not_reclaimed
- waiting for an agent ends when it is scaled to zero | test_lifecycle.test_a_cold_agent_has_not_ended
- an agent that works quietly is taken for dead | test_recovery.test_a_turn_that_is_alive_is_left_alone
- a restart puts a second turn beside the first | test_lifecycle.test_an_agent_at_work_cannot_be_started_once_more
- the supervisor's mailbox is restarted | test_agents.test_a_step_on_nobody_is_not_found_and_nothing_else
- with streams the signal tells nothing while work waits | test_published_behaviours.test_a_backlog_counts_with_streams_too
- acknowledged entries of a stream count as waiting | test_published_behaviours.test_bells_on_a_stream_are_counted_until_they_are_answered
- a stream with an unknown lag is no demand | contract.test_scaling_streams.test_the_stream_counts_whole_where_the_server_has_lost_count
- only the first messages of a mailbox are counted | contract.test_scaling.test_all_mail_of_a_mailbox_counts_and_urgent_mail_too
- what was taken and has not begun is counted nowhere | contract.test_scaling.test_mail_behind_a_turn_that_runs_waits_for_no_worker
- an empty town is told to scale | test_scaling.test_a_fresh_town_wants_nobody
- agents that are starting or paused keep a town from zero | unit.test_signal.test_the_recommendation_is_the_first_that_holds
- an outage looks like an empty town | test_town.test_an_outage_is_no_empty_town
- an outage looks like a missing agent | test_lifecycle.test_an_outage_looks_like_an_outage
- an outage looks like idleness | test_scaling.test_an_outage_is_never_taken_for_idleness
- the uptime begins with the first question | test_probes.test_health_says_since_when_the_process_runs
- a total falls | test_scaling.test_a_total_does_not_fall_when_tasks_are_forgotten
- states that nobody is in have no series | test_scaling.test_metrics_hold_every_published_family_and_zeros_too
- a mission that was stopped on purpose counts as stalled | test_probes.test_a_mission_that_people_hold_or_ended_is_not_stalled
- a clock leads, drives nothing, and all seems well | test_probes.test_a_clock_that_rings_for_nobody_has_stalled

Missions
- a mission that cannot be planned is begun all the same | test_missions.test_what_cannot_be_planned_leaves_nothing_behind
- a mission that has ended is stopped, resumed, or completed | test_mission_moves.test_nothing_moves_a_mission_that_has_ended
- a pause is told as done when nothing has happened | test_mission_moves.test_a_paused_mission_is_paused_once_and_resumed
- a mission is stopped, and its tasks go on | test_mission_moves.test_a_stopped_mission_has_nobody_at_work_and_can_be_resumed
- an active mission is deleted without a question | test_mission_moves.test_only_what_has_ended_is_deleted
- an item is approved in whatever state it is | test_mission_items.test_no_verdict_without_an_item_that_waits_for_one
- resuming a mission passes all of its checks | test_mission_watches.test_a_watch_is_overridden_on_somebodys_word_and_shows_what_it_saw
- a caller has a file of the machine read as a document | test_missions.test_no_document_elsewhere_is_read
- a delivery of anybody is taken for GitHub's | test_github_webhook.test_what_others_send_is_not_believed

The interface
- whoever is not there is an internal error | test_agents.test_who_is_not_there_is_not_found
- a task that is not there is an internal error | test_tasks.test_an_unknown_task_is_not_found_by_any_operation
- an entry that does not lie in the backlog is an internal error | test_backlog.test_what_does_not_lie_there_is_not_claimed
- a name that fits two is an internal error | test_agents.test_a_name_that_could_mean_two_is_no_server_error
- an unknown path, or a wrong method, has an empty answer | test_problems.test_an_unknown_path_is_a_problem
- errors have several shapes, or none has the id of the request | api.test_fuzz.test_without_auth_every_answer_is_as_promised
- an error of the server tells of its insides | test_problems.test_a_broken_townhall_says_nothing_of_its_insides
- unknown members are ignored | test_problems.test_an_unknown_member_is_refused_by_name
- states are spelled in several ways | test_events.test_states_are_written_as_everywhere
- a destination is written as a debugger shows it | test_recovery.test_everything_goes_to_another_agent
- an unknown kind of message becomes a task | test_messages.test_an_unknown_kind_is_refused_and_not_taken_for_a_task
- asking for more of the status gets no more | test_town.test_deep_adds_what_each_did_lately
- reading by POST is written down as a change | test_lifecycle.test_looking_into_a_mailbox_is_no_change_by_either_method
- operations are documented and not served, or the other way round | test_openapi.test_operations_and_routes_are_the_same
- the description does not say who may call | test_openapi.test_an_operation_says_who_may_call_it
- a task cannot be completed over HTTP | test_tasks.test_completing_says_what_it_did_to_the_agent
- an agent cannot be waited for, or asked what it did | test_agents.test_the_last_result_is_shown
- lists have no pages | test_task_lists.test_a_list_is_given_by_pages_newest_first
- what moves between two pages is left out or shown twice | test_task_lists.test_each_task_is_listed_once_while_tasks_move
- tasks of a town of an older version are in no list | contract.test_task_order.test_the_first_page_puts_a_town_in_order
- lists cannot be narrowed | test_task_lists.test_filters_go_together
- a body may be as long as it likes | test_problems.test_a_body_that_is_too_long_is_refused_before_it_is_read
- every list searches all keys and reads record by record | contract.test_scale.test_finding_and_counting_never_search
- what an autoscaler asks grows with the town | contract.test_scale.test_what_an_autoscaler_asks_costs_the_same_in_any_town
- a name with a star in it reaches other towns | unit.test_names.test_a_name_that_is_accepted_is_safe_in_paths_keys_and_patterns

The process
- requests under way are cut off at its end | acceptance.test_townhall_losses.test_a_request_under_way_is_answered_before_it_ends
- a signal ends it in the middle | acceptance.test_townhall_losses.test_ctrl_c_in_its_terminal_lets_requests_finish_too
- streams keep it from ending | acceptance.test_event_streams.test_a_server_that_is_told_to_end_ends_its_streams
- an address that is none is a crash | test_safety.test_a_binding_that_is_none_is_refused
- names of hosts are not understood | acceptance.test_townhall.test_a_name_is_listened_on_by_every_address_it_has
- a taken port is a crash | acceptance.test_townhall.test_an_address_that_is_taken_is_named
- a frozen Redis holds requests for ever | acceptance.test_townhall_losses.test_a_frozen_redis_costs_no_more_than_the_time_of_a_request
- a caller who keeps still holds a thread for ever | acceptance.test_townhall.test_callers_who_keep_still_stall_nobody
"""

from __future__ import annotations

import pytest

from tests.mistakes import Row, check_row, rows_of

ROWS = rows_of(__doc__)


@pytest.mark.parametrize("row", ROWS, ids=[mistake for mistake, _ in ROWS])
def test_there_is_a_test_that_would_notice(row: Row) -> None:
    check_row(row, "api")


@pytest.mark.parametrize("row", [("a mistake", "test_probes.test_nothing"), ("a mistake", "api.test_probes.test_nothing")])
def test_a_row_without_a_test_is_noticed(row: Row) -> None:
    with pytest.raises(AssertionError, match="test_probes"):
        check_row(row, "api")


def test_a_line_that_is_no_row_is_noticed() -> None:
    with pytest.raises(AssertionError, match="a row is"):
        rows_of("A table\n- a mistake and no test\n")
