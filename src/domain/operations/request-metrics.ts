import { Histogram, Registry } from 'prom-client';

/** Seconds. An upload answers when its last byte is durable, so the scale goes far beyond a page. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export type MeasuredRequest = {
  readonly method: string;
  /** The pattern that the address matched: the address itself would make a series of every dataset. */
  readonly route: string;
  readonly status: number;
  /** Until the answer's head was ready. */
  readonly seconds: number;
};

/** How this process has answered since it started. */
export class RequestMetrics {
  readonly registry = new Registry();
  readonly #durations = new Histogram({
    name: 'tidemark_http_request_duration_seconds',
    help: 'Time until the head of the answer, by method, route and status.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: BUCKETS,
    registers: [this.registry],
  });

  observe({ method, route, status, seconds }: MeasuredRequest): void {
    this.#durations.observe({ method, route, status: String(status) }, seconds);
  }
}
