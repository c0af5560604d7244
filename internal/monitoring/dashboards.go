package monitoring

// temporalUI are the variables for links.
func temporalUI() []map[string]any {
	return []map[string]any{text("ui", "Temporal's UI", "http://localhost:8233"), text("namespace", "Namespace", "default")}
}

// Dashboards are those of the fleet, of one integration, and of the workers.
func Dashboards() []Dashboard {
	return []Dashboard{
		{UID: "qontract-temporal-fleet", Title: "Qontract on Temporal: fleet", variables: temporalUI(), panels: fleetPanels()},
		{
			UID: "qontract-temporal-integration", Title: "Qontract on Temporal: integration",
			variables: append(temporalUI(), choice("integration", "qontract_temporal_last_run_info")), panels: integrationPanels(),
		},
		{UID: "qontract-temporal-workers", Title: "Qontract on Temporal: workers", panels: workerPanels()},
	}
}

func fleetPanels() []panel {
	return []panel{
		stat("Integrations that ran", `count(max by (integration, shard_id) (qontract_reconcile_last_run_status))`),
		stat("Failing", `count((max by (integration, shard_id) (qontract_reconcile_last_run_status) > 0) != 3) or vector(0)`),
		stat("Approvals waiting", `count(max by (workflow_id) (qontract_temporal_approval_since_timestamp_seconds)) or vector(0)`),
		stat("Deletions blocked", `sum(max by (integration, scope, reason) (qontract_temporal_deletions_blocked)) or vector(0)`),
		stat("Stuck or blocked", `count(max by (workflow_id) (qontract_temporal_stuck_since_timestamp_seconds)) or vector(0)`),
		stat("Schedules paused", `sum(max by (integration, shard_id) (qontract_temporal_schedule_paused)) or vector(0)`),
		table("Last runs that failed", `max by (integration, shard_id, workflow_id, run_id, outcome, bundle) (qontract_temporal_last_run_info) and on (integration, shard_id) ((max by (integration, shard_id) (qontract_reconcile_last_run_status) > 0) != 3)`),
		table("Held changes that wait for approval", `max by (integration, scope, workflow_id) (qontract_temporal_approval_since_timestamp_seconds)`),
		table("Stuck runs, and changes that wait for a person", `max by (integration, scope, workflow_id, outcome) (qontract_temporal_stuck_since_timestamp_seconds)`),
		graph("Time since the last run", "s", `topk(20, time() - max by (integration, shard_id) (qontract_temporal_last_run_end_timestamp_seconds))`, "{{integration}} {{shard_id}}"),
		graph("How long the last runs took", "s", `topk(20, max by (integration, shard_id) (qontract_reconcile_last_run_seconds))`, "{{integration}} {{shard_id}}"),
		graph("Runs started", "cpm", `sum by (integration) (rate(qontract_reconcile_execution_counter[15m])) * 60`, "{{integration}}"),
		graph("From the bundle's commit to the change, 95%", "s", `histogram_quantile(0.95, sum by (le, integration) (rate(qontract_reconcile_function_elapsed_seconds_since_bundle_commit_bucket[1h])))`, "{{integration}}"),
	}
}

func integrationPanels() []panel {
	return []panel{
		stat("Exit code of the last run", `max by (shard_id) (qontract_reconcile_last_run_status{integration="$integration"})`),
		stat("Next run", `max by (shard_id) (qontract_temporal_schedule_next_run_timestamp_seconds{integration="$integration"}) * 1000`),
		table("Last run", `max by (shard_id, workflow_id, run_id, outcome, bundle) (qontract_temporal_last_run_info{integration="$integration"})`),
		graph("How long runs took", "s", `max by (shard_id) (qontract_reconcile_last_run_seconds{integration="$integration"})`, "{{shard_id}}"),
		graph("Steps by outcome", "cpm", `sum by (step, outcome) (rate(qontract_temporal_steps_total{integration="$integration"}[5m])) * 60`, "{{step}} {{outcome}}"),
		graph("Time of steps, 95%", "s", `histogram_quantile(0.95, sum by (le, step) (rate(qontract_temporal_step_latency_seconds_bucket{integration="$integration"}[15m])))`, "{{step}}"),
		graph("Objects", "short", `sum by (cluster, kind, state) (max by (cluster, namespace, kind, state) (qontract_reconcile_openshift_resource_inventory{integration="$integration"}))`, "{{cluster}} {{kind}} {{state}}"),
		graph("Deletions blocked", "short", `max by (scope, reason) (qontract_temporal_deletions_blocked{integration="$integration"})`, "{{scope}} {{reason}}"),
		graph("Scopes that wait for others", "short", `max by (integration) (qontract_temporal_waiting_scopes{integration="$integration"})`, "waiting"),
	}
}

func workerPanels() []panel {
	return []panel{
		graph("Backlog by task queue", "short", `topk(20, max by (task_queue, type) (qontract_temporal_task_queue_backlog))`, "{{task_queue}} {{type}}"),
		graph("Age of the oldest task", "s", `topk(20, max by (task_queue, type) (qontract_temporal_task_queue_backlog_age_seconds))`, "{{task_queue}} {{type}}"),
		graph("Workers by task queue", "short", `max by (task_queue, type) (qontract_temporal_task_queue_pollers)`, "{{task_queue}} {{type}}"),
		graph("Seconds since the fleet was looked at", "s", `time() - qontract_temporal_fleet_look_timestamp_seconds`, "{{instance}} {{part}}"),
		graph("From schedule to start of activities, 95%", "s", `histogram_quantile(0.95, sum by (le, task_queue) (rate(temporal_activity_schedule_to_start_latency_seconds_bucket[15m])))`, "{{task_queue}}"),
		graph("Workflow tasks, 95%", "s", `histogram_quantile(0.95, sum by (le, task_queue) (rate(temporal_workflow_task_execution_latency_seconds_bucket[15m])))`, "{{task_queue}}"),
		graph("Free slots", "short", `min by (instance, worker_type) (temporal_worker_task_slots_available)`, "{{instance}} {{worker_type}}"),
		graph("Calls to Temporal, 95%", "s", `histogram_quantile(0.95, sum by (le, operation) (rate(temporal_request_latency_seconds_bucket[15m])))`, "{{operation}}"),
		graph("Memory", "bytes", `process_resident_memory_bytes`, "{{instance}}"),
		graph("Processor", "percentunit", `rate(process_cpu_seconds_total[5m])`, "{{instance}}"),
		graph("Goroutines", "short", `go_goroutines`, "{{instance}}"),
	}
}

func stat(title, expr string) panel {
	p := panel{title: title, kind: "stat", unit: "short", queries: []query{{expr, ""}}, width: 4, height: 4}
	if title == "Next run" {
		p.unit = "dateTimeFromNow"
	}
	return p
}

func table(title, expr string) panel {
	return panel{title: title, kind: "table", unit: "short", queries: []query{{expr, ""}}, width: 24, height: 7, links: true}
}

func graph(title, unit, expr, legend string) panel {
	return panel{title: title, kind: "timeseries", unit: unit, queries: []query{{expr, legend}}, width: 12, height: 8}
}
