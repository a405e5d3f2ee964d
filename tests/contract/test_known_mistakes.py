"""Mistakes that systems of this kind make, and where a test would notice them here.

Mail and turns
- what was popped is lost when its reader crashes | test_fencing.test_a_lost_turn_gives_back_its_mail_and_counts_an_attempt
- a blocking read takes a message and then cannot decode the reply | test_mail.test_a_reader_waits_until_something_comes
- a malformed entry discards those read with it, or vanishes itself | test_damage.test_reading_around_garbage_loses_nothing
- a malformed entry ends the worker | test_damage.test_garbage_in_a_mailbox_costs_no_message
- urgent mail is handed out newest first | test_mail.test_urgent_mail_comes_first_and_in_order
- taking one message out rewrites the whole list and loses what comes meanwhile | test_mail.test_one_message_can_be_taken_out_of_many
- looking at no message at all shows everything | test_mail.test_looking_leaves_everything_where_it_is
- mail to somebody who does not exist is accepted | test_mail.test_sending_to_nobody_is_an_error
- mail to the dead is accepted and wakes nobody, in silence | test_stopping.test_mail_waits_for_a_restart
- the people's mailbox can be looked at and never emptied | test_mail.test_the_people_have_a_mailbox_that_can_be_read_and_emptied
- nobody can hear a broadcast | test_mail.test_what_is_broadcast_reaches_all_who_listen
- draining takes a round trip a message, without end | test_scale.test_a_full_mailbox_is_drained_in_pieces
- what comes back goes behind newer mail, urgent mail in reverse | test_turns.test_what_goes_back_goes_to_the_front_in_its_old_order
- mail to know of is lost when the turn fails | test_rounds.test_what_an_agent_only_needs_to_know_comes_back_after_a_failure
- a poisonous message is tried for ever | test_rounds.test_a_message_that_kills_its_worker_each_time_is_given_up
- a failing program is tried every second | test_turns.test_a_failure_counts_an_attempt_and_waits_longer_each_time
- a missing program is taken for a failed run | test_rounds.test_a_program_that_does_not_exist_is_not_tried_again_and_again
- only the first line of a text reaches the program | test_rounds.test_a_prompt_has_every_task_and_message_whole
- an exit without a report leaves the task running | test_rounds.test_a_program_that_reports_nothing_is_asked_again_and_told_so
- with two tasks in a batch none is tracked | test_rounds.test_all_tasks_of_a_turn_are_running_while_it_runs
- pings and requests for the state get no answer | test_rounds.test_pings_and_questions_about_its_state_are_answered
- being told to shut down does nothing | test_rounds.test_an_agent_that_is_told_to_shut_down_finishes_and_stops
- nobody is told that what they asked for is done | test_tasks.test_the_agent_that_asked_is_told_of_the_end
- letters in a text decide what a message is | unit.test_words.test_a_custom_message_is_never_taken_for_an_acknowledgement

Records and states
- a whole record is written over another's change | test_agents.test_of_two_who_read_the_same_version_one_writes
- counters of a record that is gone bring it back in part | test_recovery.test_a_pruned_agent_is_not_brought_back_by_its_late_worker
- ended tasks can be ended again | test_tasks.test_an_end_is_final
- an agent is called stopped while its program runs | test_stopping.test_killing_waits_for_the_turn_to_end
- a restart puts two programs on one mailbox | test_stopping.test_an_agent_at_work_cannot_be_restarted
- a loop whose agent was deleted spins for ever | test_rounds.test_an_agent_without_a_record_gets_no_turn
- a pause is overwritten at the end of the round | test_stopping.test_an_interrupted_agent_keeps_its_mail_until_it_is_resumed
- closing is killing under another name | test_stopping.test_closing_works_through_the_mail_first
- a healthy long round is taken for dead | test_fencing.test_renewing_keeps_the_lease_alive
- a task is saved and its message not sent, or the other way round | test_retries.test_a_task_is_delivered_once
- a mistyped agent loses a task of the backlog | test_backlog.test_a_mistyped_agent_costs_nothing
- a task lies in the backlog twice | test_backlog.test_an_open_task_can_go_back_and_lies_there_once
- two claim the same task | test_backlog.test_of_many_who_claim_at_once_one_gets_it
- waiting never ends, or a time-out looks like success | test_tasks.test_waiting_ends_with_the_task_or_with_the_time
- two agents have one name | test_agents.test_a_name_belongs_to_one_agent
- a nickname hides a name | test_agents.test_a_name_goes_before_a_nickname
- a bad parent leaves a half-made agent | test_agents.test_a_parent_that_does_not_exist_leaves_no_half_agent
- the people cannot be addressed by their id | test_agents.test_the_people_have_a_mailbox_but_no_record
- a wrong state is reported as not found | test_stopping.test_a_stopped_agent_is_the_wrong_state_and_not_missing
- a name escapes from paths, keys or the shell | test_agents.test_a_bad_name_is_refused_before_anything_is_written
- only whole ids are accepted, though short ones are shown | test_tasks.test_a_task_is_found_by_the_beginning_of_its_id
- the end of a task is reported by somebody who does not have it | test_tasks.test_only_whoever_has_a_task_reports_on_it
- an agent that waits with an old date goes idle at once after it is woken | test_stopping.test_mail_waits_for_a_restart

Recovery and size
- listing what could be reclaimed throws it away | test_reclaiming.test_reclaiming_without_a_destination_touches_nothing
- what is no task is thrown away on the way to the backlog | test_reclaiming.test_reclaiming_to_the_backlog_moves_tasks_and_leaves_the_rest
- urgent mail is forgotten when mail is reclaimed | test_reclaiming.test_reclaiming_to_an_agent_moves_everything
- unread mail goes with its agent, without a word | test_recovery.test_pruning_keeps_mail_unless_told_otherwise
- tasks of a deleted agent stay with it | test_recovery.test_the_tasks_of_a_pruned_agent_go_to_the_backlog
- listing and finding search all keys | test_scale.test_finding_and_counting_never_search
- tasks are kept for ever | test_towns.test_finished_tasks_are_forgotten_when_their_time_is_over
- a reset hits a town whose name begins alike | test_towns.test_a_reset_forgets_one_town
- one record of an older version makes the town look empty | test_damage.test_a_hash_of_an_older_version_says_how_to_convert_it
- followers hear the last event again and again | test_events.test_a_reader_goes_on_after_the_last_event_it_saw
- the oldest events are shown in place of the newest | test_events.test_recent_events_are_the_newest_in_order
- most events are never told | test_events.test_the_life_of_an_agent_and_its_task_is_told
- on a stream, bells that were rung before anybody listened are not heard | test_docket.test_a_stream_that_nobody_ever_read_is_all_work
- on a stream, what a crashed consumer took is never given out again | broker.test_streams.test_what_a_dead_worker_held_waits_again
- on a stream, what was answered is kept for ever | broker.test_streams.test_lag_stays_the_truth_when_history_is_trimmed
- use_streams changes a figure and no dispatch | test_docket.test_a_bell_waits_is_answered_and_counts_no_more
- replies in another version of the protocol look like no data | test_wire.test_a_message_comes_back_as_it_was_sent
"""

from __future__ import annotations

import pytest

from tests.mistakes import Row, check_row, rows_of

ROWS = rows_of(__doc__)


@pytest.mark.parametrize("row", ROWS, ids=[mistake for mistake, _ in ROWS])
def test_there_is_a_test_that_would_notice(row: Row) -> None:
    check_row(row, "contract")
