"""The server observed: metrics, health, the event loop's pulse, tasks and findings."""
