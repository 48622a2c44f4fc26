import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Ask, asksMax, type Item, Mailbox } from './mailbox.ts';

const noBytes = new Uint8Array(0);

test('Mailbox works on one item at a time, in order, and merges ticks that wait side by side', async () => {
  const { mailbox, worked, finish } = openMailbox();
  mailbox.tick(1);
  mailbox.tick(2);
  mailbox.tick(3);
  mailbox.ask(ask('first'));
  mailbox.tick(4);
  mailbox.ask(ask('second'));

  assert.deepEqual(worked, ['tick 1']);
  for (let i = 0; i < 5; i += 1) await finish();
  assert.deepEqual(worked, ['tick 1', 'tick 3', 'first', 'tick 4', 'second']);
});

test('Mailbox says busy with the first item and idle when all work is done', async () => {
  const { mailbox, busy, finish } = openMailbox();
  mailbox.tick(1);
  mailbox.ask(ask('one'));
  assert.deepEqual(busy, [true]);
  await finish();
  assert.deepEqual(busy, [true]);
  await finish();
  assert.deepEqual(busy, [true, false]);
});

test('Mailbox leaves out an ask whose deadline has passed while it waited', async () => {
  const { mailbox, worked, finish } = openMailbox();
  mailbox.tick(1);
  const late = ask('late');
  mailbox.ask(late);
  mailbox.ask(ask('in time'));
  late.settle({ status: 'absent', cause: 'absent', detail: null });
  await finish();
  assert.deepEqual(worked, ['tick 1', 'in time']);
});

test('Mailbox takes a bounded number of asks and hands those that wait back', () => {
  const { mailbox } = openMailbox();
  mailbox.tick(1);
  const taken = Array.from({ length: asksMax + 1 }, (_, i) => mailbox.ask(ask(`${i}`)));
  assert.deepEqual([taken[asksMax - 1], taken[asksMax]], [true, false]);
  assert.equal(mailbox.clear().length, asksMax);
  assert.equal(mailbox.length, 0);
});

/** A mailbox whose work is written down and ends when the test says so. */
function openMailbox() {
  const worked: string[] = [];
  const busy: boolean[] = [];
  let end = () => {};
  const work = (item: Item) => {
    worked.push(item.type === 'tick' ? `tick ${item.upTo}` : nameOf(item.ask));
    return new Promise<void>((resolve) => {
      end = resolve;
    });
  };
  const mailbox = new Mailbox(work, (isBusy) => busy.push(isBusy));
  const finish = async () => {
    end();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { mailbox, worked, busy, finish };
}

const names = new WeakMap<Ask, string>();

function ask(name: string): Ask {
  let isSettled = false;
  const made: Ask = {
    request: noBytes,
    askedAt: 0,
    deadline: 1,
    isTaken: false,
    get isSettled() {
      return isSettled;
    },
    settle() {
      isSettled = true;
    },
  };
  names.set(made, name);
  return made;
}

function nameOf(made: Ask): string {
  return names.get(made) ?? '?';
}
