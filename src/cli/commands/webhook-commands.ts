import { type Command, Option } from 'commander';
import type { Client } from '../client/client.ts';
import type { NewWebhook } from '../monitoring/webhooks.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { repeated } from './repeated-option.ts';

type Open = () => { client: Client; terminal: Terminal };

/** The commands about receivers of events. Each loads what it needs when it is called. */
export function addWebhookCommands(program: Command, open: Open): void {
  const webhooks = program
    .command('webhooks')
    .description('receivers of events: list, add, test, messages, message, redeliver, rotate, enable, disable, remove');
  webhooks
    .command('list', { isDefault: true })
    .description('the receivers, and how they are')
    .action(async () => {
      const { listWebhooks } = await import('../monitoring/webhooks.ts');
      const { client, terminal } = open();
      await listWebhooks(client, terminal);
    });
  addRegistering(webhooks, open);
  addDelivery(webhooks, open);
  for (const { verb, state, what } of STATES) {
    webhooks
      .command(verb)
      .description(what)
      .argument('<webhook>')
      .action(async (webhook: string) => {
        const { setWebhookState } = await import('../monitoring/webhooks.ts');
        const { client, terminal } = open();
        await setWebhookState(client, terminal, { webhook, state });
      });
  }
}

const STATES = [
  { verb: 'enable', state: 'enabled', what: 'have a receiver told again' },
  { verb: 'disable', state: 'disabled', what: 'have a receiver told nothing' },
] as const;

function addRegistering(webhooks: Command, open: Open): void {
  webhooks
    .command('add')
    .description('register a receiver of signed events; prints the secret, once')
    .argument('<url>')
    .option('-e, --event <type>', 'only these, like alert.firing; may be repeated; all when absent', repeated)
    .option('-d, --description <text>', 'what it is for')
    .option('--ed25519', 'sign by a key pair: the receiver needs the public key alone')
    .action(async (url: string, options: NewWebhook) => {
      const { addWebhook } = await import('../monitoring/webhooks.ts');
      const { client, terminal } = open();
      await addWebhook(client, terminal, { url, options });
    });
  webhooks
    .command('rotate')
    .description('give a receiver a new secret; the former one signs too for a day')
    .argument('<webhook>')
    .action(async (webhook: string) => {
      const { rotateSecret } = await import('../monitoring/webhooks.ts');
      const { client, terminal } = open();
      await rotateSecret(client, terminal, webhook);
    });
  webhooks
    .command('remove')
    .description('forget a receiver')
    .argument('<webhook>')
    .action(async (webhook: string) => {
      const { removeWebhook } = await import('../monitoring/webhooks.ts');
      const { client, terminal } = open();
      await removeWebhook(client, terminal, webhook);
    });
}

function addDelivery(webhooks: Command, open: Open): void {
  webhooks
    .command('test')
    .description('send a test event, and say what became of it; exit code 1 when it was not taken')
    .argument('<webhook>')
    .action(async (webhook: string) => {
      const { testWebhook } = await import('../monitoring/webhooks.ts');
      const { client, terminal } = open();
      process.exitCode = await testWebhook(client, terminal, webhook);
    });
  webhooks
    .command('messages')
    .description('the newest messages to a receiver')
    .argument('<webhook>')
    .addOption(
      new Option('-s, --state <state>', 'only in this state').choices([
        ...['pending', 'standing', 'delivered', 'failed', 'discarded', 'unknown'],
      ]),
    )
    .action(async (webhook: string, { state }: { state?: string }) => {
      const { listMessages } = await import('../monitoring/webhooks.ts');
      const { client, terminal } = open();
      await listMessages(client, terminal, { webhook, state });
    });
  webhooks
    .command('message')
    .description('one message, and every try to deliver it')
    .argument('<message>')
    .action(async (message: string) => {
      const { showMessage } = await import('../monitoring/webhooks.ts');
      const { client, terminal } = open();
      await showMessage(client, terminal, message);
    });
  webhooks
    .command('redeliver')
    .description('send a message again, or all to a receiver that failed')
    .argument('<message-or-webhook>')
    .action(async (id: string) => {
      const { redeliver } = await import('../monitoring/webhooks.ts');
      const { client, terminal } = open();
      await redeliver(client, terminal, id);
    });
}
