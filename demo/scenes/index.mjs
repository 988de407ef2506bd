import { expiredStorm } from './expired-storm.mjs'
import { lateRefusal } from './late-refusal.mjs'
import { otherUser } from './other-user.mjs'
import { outage } from './outage.mjs'
import { refusedStorm } from './refused-storm.mjs'
import { signOut } from './sign-out.mjs'

/** @type {readonly import('../play-scene.mjs').Scene[]} */
export const scenes = [expiredStorm, refusedStorm, lateRefusal, outage, signOut, otherUser]
