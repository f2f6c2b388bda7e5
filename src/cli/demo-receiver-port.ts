/** Where the demo's receiver listens, and what `serve` lets webhooks reach while the demo is on. */
export const DEMO_RECEIVER_PORT = 8491;
