import { playScene } from '../play-scene.mjs'
import { scenes } from '../scenes/index.mjs'
import { showCounters } from './counters.mjs'
import { logEvents } from './event-log.mjs'
import { byId, html } from './html.mjs'
import { remoteControl } from './remote-control.mjs'
import { resultView } from './result.mjs'
import { summarize } from './summary.mjs'
import { drawTimeline } from './timeline.mjs'
import { openStage, stormSize } from './watched-stage.mjs'

const control = remoteControl()
/** @type {import('../servers.mjs').Urls} */
const urls = await (await fetch('/urls')).json()
const timeline = byId('timeline', SVGSVGElement)
const figure = byId('figure', HTMLElement)
const outageButton = byId('outage', HTMLButtonElement)

/** What was clicked, one after the other. */
let work = Promise.resolve()
let waitingClicks = 0
let isScene = false
let frame = 0
let current = open()

function open() {
  const watched = openStage(urls, control, changed)
  logEvents(watched.stage.session.auth)
  return watched
}

/** Something on the page is different: draw it with the next frame, and go on while anything is under way. */
function changed() {
  figure.setAttribute('aria-busy', String(isBusy()))
  if (frame === 0) frame = requestAnimationFrame(draw)
}

const isBusy = () => waitingClicks > 0 || current.recorder.busy

function draw() {
  const { recorder, user } = current
  frame = 0
  drawTimeline(timeline, recorder.recording, performance.now())
  byId('summary', HTMLElement).textContent = summarize(recorder.recording)
  byId('session', HTMLElement).textContent = user ? `signed in as ${user}` : 'signed out'
  byId('next-user', HTMLElement).textContent = `${nextUser()} signs in`
  if (isBusy()) changed()
}

const nextUser = () => (current.user === 'alice' ? 'bob' : 'alice')

/** @param {() => Promise<unknown>} click */
function enqueue(click) {
  waitingClicks += 1
  changed()
  work = work
    .then(click)
    .then(() => {}, showFailure)
    .finally(() => {
      waitingClicks -= 1
      changed()
    })
}

/** @param {unknown} error */
const showFailure = (error) => byId('result', HTMLElement).replaceChildren(html('p', 'verdict wrong', [String(error)]))

/** @param {{ title: string, story: string, point: string }} scene */
function announce({ title, story, point }) {
  byId('title', HTMLElement).textContent = title
  byId('story', HTMLElement).textContent = story
  byId('point', HTMLElement).textContent = point
  byId('result', HTMLElement).replaceChildren()
  outageButton.setAttribute('aria-pressed', 'false')
}

async function startOver() {
  current.stage.session.auth.dispose()
  await control.reset()
  current = open()
}

/** @param {import('../play-scene.mjs').Scene} scene */
async function play(scene) {
  isScene = true
  choose(`scene-${scene.id}`)
  announce(scene)
  await startOver()
  const result = await playScene(scene, current.stage)
  byId('result', HTMLElement).replaceChildren(...resultView(result))
}

/** @param {string} [id] of the scene's button */
function choose(id) {
  for (const button of byId('scenes', HTMLElement).children) button.ariaCurrent = String(button.id === id)
}

/** @param {() => unknown} command */
async function byHand(command) {
  if (isScene) await beginByHand()
  await command()
}

/** After a scene: servers and session of its own. */
async function beginByHand() {
  isScene = false
  choose()
  announce({
    title: 'By hand',
    story: 'The refresh takes 0.7 s here: time enough to sign out in the middle of it.',
    point: 'The counts are those of the requests drawn.',
  })
  await startOver()
  await current.stage.signIn('alice')
}

async function storm() {
  const { recorder, stage } = current
  if (!recorder.busy) {
    recorder.clear()
    await control.recount()
  }
  void stage.send(stormSize)
}

const commands = {
  storm,
  expire: () => current.stage.expire(),
  refuse: () => control.refuse(),
  async outage() {
    const on = outageButton.getAttribute('aria-pressed') !== 'true'
    await current.stage.servers.outage(on)
    outageButton.setAttribute('aria-pressed', String(on))
  },
  'sign-out': () => current.stage.session.auth.signOut(),
  'other-user': () => current.stage.signIn(nextUser()),
}

for (const [id, command] of Object.entries(commands)) {
  byId(id, HTMLButtonElement).addEventListener('click', () => enqueue(() => byHand(command)))
}
byId('scenes', HTMLElement).append(
  ...scenes.map((scene, index) => {
    const button = html('button', 'scene', [html('b', '', [String(index + 1)]), scene.title])
    button.id = `scene-${scene.id}`
    button.addEventListener('click', () => enqueue(() => play(scene)))
    return button
  }),
)
showCounters()
enqueue(beginByHand)
