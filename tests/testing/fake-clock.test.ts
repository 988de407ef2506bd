import { describe, expect, it } from 'vitest'
import { fakeClock } from '../../src/testing'

describe('fakeClock', () => {
  it('stands still until it is advanced', async () => {
    const clock = fakeClock(1_000)
    expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0])
    await clock.advance(250)
    expect([clock.now(), clock.monotonic()]).toEqual([1_250, 250])
  })

  it('runs due timers in order, each at its own instant', async () => {
    const clock = fakeClock(0)
    const ran: [string, number][] = []
    clock.after(30, () => ran.push(['late', clock.now()]))
    clock.after(10, () => ran.push(['early', clock.now()]))
    clock.after(10, () => ran.push(['early, set second', clock.now()]))
    clock.after(31, () => ran.push(['never', clock.now()]))
    await clock.advance(30)
    expect(ran).toEqual([
      ['early', 10],
      ['early, set second', 10],
      ['late', 30],
    ])
    expect(clock.pending).toBe(1)
  })

  it('runs a timer that a promise set between two timers', async () => {
    const clock = fakeClock(0)
    const ran: number[] = []
    const wait = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve))
    const work = (async () => {
      for (let turn = 0; turn < 3; turn += 1) {
        await wait(10)
        await Promise.resolve()
        ran.push(clock.now())
      }
    })()
    await clock.advance(30)
    expect(ran).toEqual([10, 20, 30])
    await work
  })

  it('lets promises settle after the last timer, so that a test sees what came of it', async () => {
    const clock = fakeClock()
    let answer: unknown
    clock.after(5, () => {
      void Response.json({ done: true })
        .json()
        .then((value) => {
          answer = value
        })
    })
    await clock.advance(5)
    expect(answer).toEqual({ done: true })
  })

  it('forgets a cancelled timer', async () => {
    const clock = fakeClock()
    let ran = 0
    const cancel = clock.after(1, () => {
      ran += 1
    })
    cancel()
    expect(clock.pending).toBe(0)
    await clock.advance(10)
    expect(ran).toBe(0)
  })

  it('counts a delay that is no positive number as none', async () => {
    const clock = fakeClock()
    let ran = 0
    for (const ms of [-5, Number.NaN, 0]) {
      clock.after(ms, () => {
        ran += 1
      })
    }
    await clock.advance(0)
    expect(ran).toBe(3)
  })

  it('turns the wall clock alone', async () => {
    const clock = fakeClock(1_000)
    let ran = 0
    clock.after(100, () => {
      ran += 1
    })
    await clock.advance(50)
    clock.shiftWallClock(-60_000)
    expect([clock.now(), clock.monotonic(), ran]).toEqual([-58_950, 50, 0])
    clock.setWallClock(5_000_000)
    expect([clock.now(), clock.monotonic(), ran]).toEqual([5_000_000, 50, 0])
    await clock.advance(50)
    expect([clock.now(), clock.monotonic(), ran]).toEqual([5_000_050, 100, 1])
  })

  it('rejects with what a task throws', async () => {
    const clock = fakeClock()
    clock.after(1, () => {
      throw new RangeError('broken')
    })
    await expect(clock.advance(1)).rejects.toThrow(RangeError)
  })
})
