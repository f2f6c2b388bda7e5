import { plainAddress } from '../../webhook/address.ts';

export type OwnAddress = { readonly publicUrl: string; readonly host: string; readonly port: number };

/**
 * Whether a receiver's URL is this service itself, by its public name or by a loopback one: what it is told of by a message
 * would make the next message. Pure.
 */
export function isOwnAddress(url: string, own: OwnAddress): boolean {
  const { host, hostname, port, protocol } = new URL(url);
  if (host === new URL(own.publicUrl).host) return true;
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  const name = hostname.replace(/\.+$/, '');
  return number === own.port && (isLoopback(name) || name.replace(/^\[|\]$/g, '') === own.host);
}

function isLoopback(name: string): boolean {
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  const address = plainAddress(name);
  return address !== null && (address === '::1' || address.startsWith('127.') || address === '0.0.0.0');
}
