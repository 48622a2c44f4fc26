import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from './config.ts';

test('readConfig() fills in defaults and takes empty for unset', () => {
  const config = readConfig({ CONDOR_REPORT_PORT: '', HOME: '/home/somebody' });

  assert.equal(config.CONDOR_REPORT_PORT, 8000);
  assert.equal(config.CONDOR_SPEED, undefined);
  assert.equal(config.CONDOR_HOST, '127.0.0.1');
});

test('readConfig() reads speeds and instants', () => {
  const config = readConfig({ CONDOR_SPEED: 'max', CONDOR_FROM: '2026-01-05T00:00:00Z' });

  assert.equal(config.CONDOR_SPEED, Number.POSITIVE_INFINITY);
  assert.equal(config.CONDOR_FROM, 1767571200);
});

test('readConfig() names every wrong variable, its value and what is wanted', () => {
  assert.throws(
    () => readConfig({ CONDOR_REPORT_PORT: '99999', CONDOR_ORCHESTRATOR_URL: 'http://x' }),
    /CONDOR_ORCHESTRATOR_URL is "http:\/\/x".*CONDOR_REPORT_PORT is "99999": .*65535/,
  );
});
