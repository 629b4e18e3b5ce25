"""A persona as a folder that other agents read: AgentSkills, in the parts that users of 同事.skill know."""
