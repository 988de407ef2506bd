// `npm run rooms`: holds the dependency directions of ARCHITECTURE.md, and that no file imports itself by way of others.
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { root } from './ensure-install.mjs'

/**
 * Which rooms, folders and files each may import besides its own room. The longest name that fits a file counts;
 * what has no line may import nothing.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const mayImport = {
  errors: [],
  core: ['errors'],
  session: ['errors', 'core'],
  transports: ['errors', 'core'],
  sharing: ['errors', 'core'],
  'sharing/shared-exchange': ['errors', 'core', 'session/refresh-exchange'],
  refreshers: ['errors', 'core'],
  storages: ['errors', 'core', 'sharing'],
  'create-auth-client': ['errors', 'core', 'session', 'transports/fetch', 'storages/memory-storage'],
  'create-exchange': ['errors', 'core', 'create-auth-client', 'session'],
  index: ['errors', 'core', 'create-auth-client', 'session', 'transports/fetch', 'storages/memory-storage'],
  frameworks: ['errors', 'core', 'create-auth-client'],
  'frameworks/next-auth': [
    ...['errors', 'core', 'create-auth-client', 'create-exchange', 'sharing'],
    ...['session/refresh-exchange', 'session/plain-fetch', 'session/report'],
  ],
  server: ['errors', 'core', 'create-auth-client', 'storages', 'sharing', 'session/refresh-exchange'],
  testing: [
    ...['errors', 'core', 'session', 'transports', 'sharing', 'refreshers', 'storages'],
    ...['create-auth-client', 'frameworks', 'server'],
  ],
}

/** @typedef {{ file: string, line: number, specifier: string, target: string | undefined }} Import */

/**
 * What is wrong in a set of sources, a sentence for each fault.
 * @param {ReadonlyMap<string, string>} sources the text of each file by its path inside src: `core/challenge.ts`
 * @returns {string[]}
 */
export function findViolations(sources) {
  const imports = [...sources].flatMap(([file, text]) => importsOf(file, text, sources))
  return [...imports.flatMap(crossing), ...cycles(imports)]
}

/**
 * @param {string} file
 * @param {string} text
 * @param {ReadonlyMap<string, string>} sources
 * @returns {Import[]}
 */
function importsOf(file, text, sources) {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName: specifier, pos }) => ({
    file,
    line: text.slice(0, pos).split('\n').length,
    specifier,
    target: specifier.startsWith('.') ? resolve(posix.join(posix.dirname(file), specifier), sources) : undefined,
  }))
}

/**
 * @param {string} path
 * @param {ReadonlyMap<string, string>} sources
 */
const resolve = (path, sources) =>
  [path, `${path}.ts`, `${path}.tsx`, `${path}/index.ts`].find((candidate) => sources.has(candidate)) ?? path

/**
 * @param {Import} found
 * @returns {string[]}
 */
function crossing({ file, line, specifier, target }) {
  const where = `src/${file}:${line} imports ${target === undefined ? specifier : `src/${target}`}`
  if (/^tokenflight(\/|$)/.test(specifier)) return [`${where}: the sources import each other by relative paths.`]
  if (target === undefined) return []
  const allowed = [roomOf(file), ...allowedFor(file)]
  if (allowed.some((name) => isWithin(target, name))) return []
  return [`${where}: src/${file} may import ${allowed.join(', ')} only.`]
}

/** @param {string} file */
function allowedFor(file) {
  const [longest] = Object.keys(mayImport)
    .filter((name) => isWithin(file, name))
    .sort((a, b) => b.length - a.length)
  return longest === undefined ? [] : (mayImport[longest] ?? [])
}

/** @param {string} file */
const roomOf = (file) => withoutExtension(file.split('/')[0] ?? file)

/** @param {string} file */
const withoutExtension = (file) => file.replace(/\.tsx?$/, '')

/**
 * @param {string} file
 * @param {string} name of a room, a folder or a file
 */
const isWithin = (file, name) => withoutExtension(file) === name || file.startsWith(`${name}/`)

/**
 * @param {readonly Import[]} imports
 * @returns {string[]}
 */
function cycles(imports) {
  /** @type {Map<string, string[]>} */
  const targets = new Map()
  for (const { file, target } of imports) {
    if (target !== undefined) targets.set(file, [...(targets.get(file) ?? []), target])
  }
  /** @type {string[]} */
  const found = []
  const done = new Set()
  /**
   * @param {string} file
   * @param {readonly string[]} path
   */
  const walk = (file, path) => {
    const start = path.indexOf(file)
    if (start >= 0)
      found.push(`A cycle of imports: ${[...path.slice(start), file].map((f) => `src/${f}`).join(' → ')}.`)
    if (start >= 0 || done.has(file)) return
    for (const target of targets.get(file) ?? []) walk(target, [...path, file])
    done.add(file)
  }
  for (const file of targets.keys()) walk(file, [])
  return found
}

/**
 * The project's own sources.
 * @returns {Map<string, string>}
 */
export function readSources() {
  const src = join(root, 'src')
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))
  return new Map(files.map((file) => [file.split(sep).join('/'), readFileSync(join(src, file), 'utf8')]))
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const sources = readSources()
  const violations = findViolations(sources)
  for (const violation of violations) console.error(violation)
  console.log(`${sources.size} files of src, ${violations.length} imports in a forbidden direction`)
  if (violations.length > 0) process.exitCode = 1
}
