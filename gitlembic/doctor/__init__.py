"""Evidence -> findings: what is wrong with a project, why it matters, and what to type. No I/O."""
