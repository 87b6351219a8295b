# SPDX-License-Identifier: LGPL-2.1-or-later
"""A host of which there is something to measure everywhere: more of a WholeServer. LINK and UPSTREAM are in the environment."""

# A peer and a server that are not there: what there is to measure of them is.
HOST = '''
<metrics port='0'>127.0.0.1</metrics>
<service id='link'><load><link>{LINK}</link></load>
  <link xmlns='jabber:config:link'><name>a</name>
    <tcp><listen port='0'>127.0.0.1</listen><secret>at least 16 characters</secret><peer name='b' port='9'>127.0.0.1</peer></tcp>
  </link>
</service>
<service id='behind'><host>behind.localhost</host><load><upstream>{UPSTREAM}</upstream></load>
  <upstream xmlns='jabber:config:upstream'><server>127.0.0.1:9</server></upstream>
</service>'''
