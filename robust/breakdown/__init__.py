"""Why a reader fell: where in a run's questions the drop comes from, each part with interval and count."""
