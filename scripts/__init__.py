"""The project's own commands: the demo, the tests, and the provisioning they share."""
