"""The tests: tour, unit, contract, store, actors, scheduler, cli, acceptance, rules, chaos."""
