import fc from 'fast-check'
import type { Call } from './call'
import { anySteps, perform, type Step } from './command'
import type { Subject } from './subject'
import { comeToRest, createWorld, type Setup, type World } from './world'

const anySetup: fc.Arbitrary<Setup> = fc
  .record({
    storage: fc.constantFrom('memory', 'slow'),
    clients: fc.constantFrom(1, 2),
    restored: fc.boolean(),
    accessTokenTtlMs: fc.constantFrom(300_000, 30_000, 2_000),
    ignoresSignal: fc.boolean(),
    keepFresh: fc.constantFrom(false, false, true),
    signOutOnSecondRefusal: fc.constantFrom(false, false, true),
    onUnauthenticated: fc.constantFrom('nothing', 'nothing', 'signIn', 'signOut'),
  })
  // a tick each second would be most of what happens
  .map((setup) => (setup.keepFresh ? { ...setup, accessTokenTtlMs: 300_000 } : setup))

/** The property that every run has: whatever happens in whatever order, no rule is broken. */
export function sessionModel(subject: Subject): fc.IAsyncPropertyWithHooks<[Setup, Step[]]> {
  return fc.asyncProperty(anySetup, anySteps, (setup, steps) => runModel(subject, setup, steps))
}

/** @throws when a rule was broken, with all that were */
async function runModel(subject: Subject, setup: Setup, steps: readonly Step[]): Promise<void> {
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', onUnhandled)
  const world = createWorld(subject, setup)
  try {
    for (const step of steps) {
      await perform(world, step)
      for (const client of world.clients) {
        client.observe()
        if (step.pause === 'all') client.checkWaits()
      }
      assertUnbroken(world)
    }
    await comeToRest(world)
    assertUnbroken(world)
    checkAtRest(world)
    await checkLiving(world)
    if (unhandled.length > 0) world.fail(`Q5: unhandled: ${String(unhandled[0])}`)
    assertUnbroken(world)
  } finally {
    for (const { auth } of world.clients) auth.dispose()
    process.off('unhandledRejection', onUnhandled)
  }
}

function assertUnbroken({ broken }: World): void {
  if (broken.length > 0) throw new Error(broken.join('\n'))
}

function checkAtRest(world: World): void {
  const { clients, fail } = world
  for (const client of clients) {
    client.checkAtRest()
    for (const { epoch, session, reason } of client.endings) {
      const said = `${client.name}: epoch ${epoch} (session ${session?.id}) ended as ${reason}`
      if (!session) fail(`${said}, but nobody was signed in`)
      // one that is being replaced may be refreshed twice: by who is in it no more, and by one who does not know that yet
      else if (
        reason === 'refreshRejected' &&
        ![session.revoked, session.mayHaveRotated, session.signedOut, session.mayBeEnded].includes(true)
      )
        fail(`F5: ${said}, but the server would have refreshed it`)
      else if (
        reason === 'signedOutElsewhere' &&
        !session.mayBeEnded &&
        !clients.some((other) => other !== client && other.endings.length > 0)
      )
        fail(`S3: ${said}, but nobody else ended any`)
    }
  }
  const [first, second] = clients
  if (first && second && first.session !== second.session)
    fail(`H4: at rest A is in session ${first.session?.id}, B in ${second.session?.id}`)
  if (first && second && first.auth.getTokens()?.accessToken !== second.auth.getTokens()?.accessToken)
    fail('H4: at rest A and B have different tokens')
}

/** After every outage a session is as alive as the server says. */
async function checkLiving(world: World): Promise<void> {
  const { clients, clock, fail, outages, setup } = world
  // what an outage left with the lock is an instant: one that a clock turned back has not reached yet is believed once more (H3, E7)
  const attempts = clock.turned ? 2 : 1
  for (const client of clients.slice(0, setup.clients)) {
    const { name, session } = client
    if (!session) continue
    let outcome: Call['outcome']
    for (let attempt = 0; attempt < attempts && !isAccepted(outcome); attempt += 1) {
      const call = client.request()
      await comeToRest(world)
      outcome = call.outcome
    }
    const isAlive = !session.revoked && !session.mayHaveRotated
    if (isAlive && !isAccepted(outcome) && outages === 0)
      fail(`${name}: a request of session ${session.id} ended with ${JSON.stringify(outcome)} at last`)
  }
}

const isAccepted = (outcome: Call['outcome']): boolean =>
  outcome !== undefined && 'value' in outcome && outcome.value instanceof Response && outcome.value.status === 200
