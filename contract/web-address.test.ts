import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readWebAddress } from './web-address';

test('https is let through in its normal form', () => {
  expect(readWebAddress('https://models.example/licence')).toBe('https://models.example/licence');
  expect(readWebAddress('HTTPS://Models.Example')).toBe('https://models.example/');
});

test.each([
  'http://models.example/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'ms-settings:network',
  'smb://server/share',
  'https://good.example@bad.example/',
  'https://:secret@bad.example/',
  'https://',
  '/etc/passwd',
  '--help',
  '',
  `https://models.example/${'a'.repeat(2048)}`,
])('%s is refused', (address) => {
  expect(readWebAddress(address)).toBeNull();
});

test('whatever is let through is https', () => {
  fc.assert(
    fc.property(fc.constantFrom('https://', 'http://', 'file:', ''), fc.string(), (scheme, rest) => {
      expect(readWebAddress(scheme + rest) ?? 'https:').toMatch(/^https:/);
    }),
  );
});
