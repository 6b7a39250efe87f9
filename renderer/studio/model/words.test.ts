import { describe, expect, it } from 'vitest';
import { qualityWords } from './words';

describe('qualityWords', () => {
  const labels = ['256 px', '192 px', '128 px'];
  const reason = '';

  it('says which tier is in force, and what it is less than', () => {
    expect(qualityWords({ tier: 0, labels, pinned: false, reason })).toBe('256 px, best');
    expect(qualityWords({ tier: 2, labels, pinned: false, reason })).toBe('128 px of 256 px');
    expect(qualityWords({ tier: 1, labels, pinned: true, reason })).toBe('192 px, chosen');
    expect(qualityWords({ tier: 9, labels, pinned: true, reason })).toBe('–, chosen');
  });
});
