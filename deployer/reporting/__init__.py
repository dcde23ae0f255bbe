"""Shows plans, findings and results to people and machines; only the command line, and what stands beside it, does so.

A subject has a dispatcher of its name (`plan`, with `show_plan` and the formats) and one view for each format
(`plan_text`, `plan_json`, `plan_html`): see `views`. What results are is decided below; here they become text.
"""
