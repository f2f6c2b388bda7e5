const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Resolves once somebody asks this process to end. From then on a second signal changes nothing: npm passes Ctrl-C on to a
 * service that the terminal has told already. Who listens once for each is without a listener for a moment after the first
 * signal, and the second ends the process there and then.
 */
export function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of SIGNALS) process.on(name, () => resolve());
  });
}
