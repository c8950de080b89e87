"""Sides measured in turn, so that all of them meet the same machine."""

from process import Failed


def interleaved(measured, processes, workload, scalar, rounds, notes):
    """The samples of every side: one round that is not kept, then `rounds`. A side that fails is left out from
    then on."""
    samples = {side: [] for side in measured}
    failed = set()
    for number in range(rounds + 1):
        notes.progress(f"{workload} {scalar}: " + (f"round {number} of {rounds}" if number else "first calls"))
        for side in measured:
            if side in failed:
                continue
            try:
                sample = processes[side.process].ask(side.request.format(workload=workload, scalar=scalar))
            except Failed as error:
                notes.leave_out(f"{workload} {scalar}, {side.name}, threads: {side.threads}", error)
                failed.add(side)
                samples[side] = []
                continue
            if number:
                samples[side].append(sample)
    return samples
