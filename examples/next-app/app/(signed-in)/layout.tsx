import type { ReactNode } from 'react'
import { Activity } from '@/components/activity'
import { Header } from '@/components/header'

export default function SignedInLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <Header />
      <div className="columns">
        <main>{children}</main>
        <Activity />
      </div>
    </>
  )
}
