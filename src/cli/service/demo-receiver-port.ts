/** Where the demo's receiver of webhooks listens when nobody says otherwise. */
export const DEMO_RECEIVER_PORT = 8491;
