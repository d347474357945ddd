"""Review shops: the operators' queue of applications and permits, from claim to decision. All audited."""
