import fc from 'fast-check'
import type { ModelClient } from './model-client'
import { settled } from './model-clock'
import type { ApiFault, TokenFault } from './model-server'
import type { World } from './world'

/** What an app, a server, a network or time can do. */
export type Command =
  | { readonly do: 'proceed'; readonly choice: number }
  | { readonly do: 'proceedAll' }
  | { readonly do: 'request'; readonly by: number; readonly stream: boolean; readonly required: boolean }
  | {
      readonly do: 'getAccessToken'
      readonly by: number
      readonly force: boolean
      readonly minValidityMs: number | undefined
    }
  | { readonly do: 'abort'; readonly by: number; readonly latest: number }
  | { readonly do: 'signIn'; readonly by: number; readonly user: string }
  | { readonly do: 'signOut'; readonly by: number }
  | { readonly do: 'setTokens'; readonly by: number }
  | { readonly do: 'expire' | 'refuse' }
  | { readonly do: 'revoke'; readonly by: number }
  | { readonly do: 'tokenFault'; readonly fault: TokenFault | undefined }
  | { readonly do: 'apiFault'; readonly fault: ApiFault | undefined }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'turnClock'; readonly ms: number }

/** A command, and how many microtasks pass before the next one; `'all'`: as many as there are. */
export interface Step {
  readonly command: Command
  readonly pause: number | 'all'
}

const by = fc.nat(1)
const of = <Name extends Command['do']>(name: Name) => ({ do: fc.constant(name) })

const command: fc.Arbitrary<Command> = fc.oneof(
  { arbitrary: fc.record({ ...of('proceed'), choice: fc.nat(5) }), weight: 16 },
  { arbitrary: fc.record(of('proceedAll')), weight: 4 },
  {
    arbitrary: fc.record({
      ...of('request'),
      by,
      stream: fc.oneof({ arbitrary: fc.constant(false), weight: 9 }, fc.constant(true)),
      required: fc.oneof({ arbitrary: fc.constant(false), weight: 9 }, fc.constant(true)),
    }),
    weight: 10,
  },
  {
    arbitrary: fc.record({
      ...of('getAccessToken'),
      by,
      force: fc.boolean(),
      minValidityMs: fc.constantFrom(undefined, 0, 100_000),
    }),
    weight: 3,
  },
  { arbitrary: fc.record({ ...of('abort'), by, latest: fc.nat(2) }), weight: 2 },
  { arbitrary: fc.record({ ...of('signIn'), by, user: fc.constantFrom('ada', 'ben') }), weight: 4 },
  { arbitrary: fc.record({ ...of('signOut'), by }), weight: 2 },
  { arbitrary: fc.record({ ...of('setTokens'), by }), weight: 1 },
  { arbitrary: fc.record(of('expire')), weight: 2 },
  { arbitrary: fc.record(of('refuse')), weight: 2 },
  { arbitrary: fc.record({ ...of('revoke'), by }), weight: 1 },
  {
    arbitrary: fc.record({
      ...of('tokenFault'),
      fault: fc.constantFrom<TokenFault | undefined>(
        undefined,
        'status503',
        'retryAfter',
        'lostRequest',
        'lostAnswer',
        'misconfigured',
        'interaction',
      ),
    }),
    weight: 3,
  },
  {
    arbitrary: fc.record({
      ...of('apiFault'),
      fault: fc.constantFrom<ApiFault | undefined>(undefined, 'status500', 'lostRequest', 'lostAnswer', 'refused'),
    }),
    weight: 2,
  },
  {
    arbitrary: fc.record({
      ...of('pass'),
      ms: fc.constantFrom(1, 50, 500, 1_500, 4_999, 5_000, 10_000, 11_000, 60_000, 300_000),
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({ ...of('turnClock'), ms: fc.constantFrom(-600_000, -30_000, 30_000, 290_000, 600_000) }),
    weight: 1,
  },
)

/** What may happen in one run. */
export const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    command,
    pause: fc.oneof<fc.Arbitrary<number | 'all'>[]>(fc.constant('all'), fc.constant('all'), fc.nat(8)),
  }),
  { maxLength: 60, size: '+1' },
)

export async function perform(world: World, { command, pause }: Step): Promise<void> {
  await act(world, command)
  if (pause === 'all') await settled()
  else for (let tick = 0; tick < pause; tick += 1) await undefined
}

async function act(world: World, command: Command): Promise<void> {
  const { steps, server, clock } = world
  switch (command.do) {
    case 'proceed':
      return steps.take(command.choice)
    case 'proceedAll':
      return steps.takeAll()
    case 'request':
      clientOf(world, command.by).request(command)
      return
    case 'getAccessToken':
      return clientOf(world, command.by).token(command)
    case 'abort':
      return clientOf(world, command.by)
        .calls.at(-1 - command.latest)
        ?.abort.abort()
    case 'signIn':
      return clientOf(world, command.by).signIn(command.user)
    case 'signOut':
      return clientOf(world, command.by).signOut()
    case 'setTokens':
      return clientOf(world, command.by).setTokens()
    case 'expire':
      return server.expire()
    case 'refuse':
      return server.refuse()
    case 'revoke': {
      const { session } = clientOf(world, command.by)
      return session && server.revoke(session)
    }
    case 'tokenFault':
      server.faults.token = command.fault
      return
    case 'apiFault':
      server.faults.api = command.fault
      return
    case 'pass':
      return clock.advance(command.ms)
    case 'turnClock':
      return clock.turn(command.ms)
  }
}

function clientOf({ clients }: World, by: number): ModelClient {
  const client = clients[by % clients.length]
  if (!client) throw new Error('a world without clients')
  return client
}
