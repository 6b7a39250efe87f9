import { StudioError } from '../../contract/errors';
import { FrameFlag, FrameFormat, FrameKind, type Frame } from '../../contract/frame';
import type { FromStage, StageStats } from '../../contract/stage';
import type { Fingerprint, FingerprintFeed } from '../outputs/obs/fingerprint';
import { CHANNELS, type VideoPacket } from '../outputs/packets';
import type { ProgrammeBus } from '../outputs/programme-bus';
import { StageLink, type StageListener } from '../server/stage-socket';
import type { ProgrammeClock } from '../studio/programme-clock';
import type { Studio } from '../studio/studio';

/** Packets of one slate GOP are complete when no more arrive for this long. */
const SLATE_SETTLED_MS = 500;
/** No GOP of a slate is longer; more packets without a key frame are not one. */
const MAX_SLATE_PACKETS = 600;
/** A packet from further ahead than this is not of the programme's clock; taken, it would stop the outputs. */
const MAX_AHEAD_US = 1_000_000;

/**
 * Main's side of the stage: sends it snapshots and wishes, and turns what it sends into
 * packets on the programme bus, readings of the sound clock, and notices.
 */
export class StageDesk implements StageListener, FingerprintFeed {
  readonly link: StageLink;
  private readonly studio: Studio;
  private readonly bus: ProgrammeBus;
  private readonly clock: ProgrammeClock;
  private readonly statsListeners = new Set<(stats: StageStats) => void>();
  private readonly fingerprintListeners = new Set<(fingerprint: Fingerprint) => void>();
  private fingerprintsWanted = false;
  private slate: VideoPacket[] = [];
  private slateTimer: NodeJS.Timeout | null = null;
  private sendScheduled = false;
  private readonly stopListening: () => void;
  latestStats: StageStats | null = null;
  private encoderMissing = false;

  constructor(studio: Studio, bus: ProgrammeBus, clock: ProgrammeClock) {
    this.studio = studio;
    this.bus = bus;
    this.clock = clock;
    this.link = new StageLink(() => clock.nowUs(), this);
    this.stopListening = studio.onState((state, previous) => {
      if (state.onAir !== previous.onAir) this.link.send({ type: 'on-air', onAir: state.onAir });
      this.scheduleState();
    });
  }

  /** Calls back once a second with what the stage measured. */
  onStats(listener: (stats: StageStats) => void): () => void {
    this.statsListeners.add(listener);
    return () => this.statsListeners.delete(listener);
  }

  /** Asks for a tiny picture of every programme picture, or for no more. */
  wantFingerprints(on: boolean): void {
    if (on === this.fingerprintsWanted) return;
    this.fingerprintsWanted = on;
    this.link.send({ type: 'fingerprints', on });
  }

  /** Calls back with each tiny picture while they are wanted. */
  onFingerprint(listener: (fingerprint: Fingerprint) => void): () => void {
    this.fingerprintListeners.add(listener);
    return () => this.fingerprintListeners.delete(listener);
  }

  /** @throws StudioError `encoder.missing` when the window has said that it cannot encode */
  requireEncoder(): void {
    if (!this.encoderMissing) return;
    const message =
      'This window has no H.264 encoder, which recording and streaming need. Use another browser.';
    throw new StudioError('stage', 'encoder.missing', message);
  }

  requestKeyFrame(): void {
    this.link.send({ type: 'key-frame' });
  }

  stop(): void {
    this.stopListening();
    if (this.slateTimer) clearTimeout(this.slateTimer);
  }

  connected(): void {
    this.studio.dismiss('stage');
    this.bus.rendererBack();
    this.link.send({ type: 'state', state: this.studio.state });
    this.link.send({ type: 'on-air', onAir: this.studio.state.onAir });
    this.link.send({ type: 'fingerprints', on: this.fingerprintsWanted });
  }

  gone(): void {
    this.bus.rendererGone();
    this.clock.freeRun();
  }

  message(message: Exclude<FromStage, { type: 'ping' }>): void {
    switch (message.type) {
      case 'hello':
        this.encoderMissing = !message.h264;
        if (!message.h264) {
          this.studio.notify('encoder', {
            origin: 'stage',
            code: 'encoder.missing',
            message: 'This window has no H.264 encoder; recording and streaming need one.',
          });
        }
        return;
      case 'video-config': {
        const { codec, description, width, height, fps } = message;
        this.bus.setVideoConfig({
          codec,
          description: Buffer.from(description, 'base64'),
          width,
          height,
          fps,
        });
        return;
      }
      case 'sound-clock':
        return this.clock.followSound(message.frame, message.programmeUs);
      case 'stats':
        this.latestStats = message.stats;
        for (const listener of this.statsListeners) listener(message.stats);
        return;
      case 'layer':
        if (message.layer.error) this.studio.notify(`layer-${message.layer.layerId}`, message.layer.error);
        else this.studio.dismiss(`layer-${message.layer.layerId}`);
        return;
      case 'fingerprint': {
        const { timestampUs, luma } = message;
        const fingerprint = { timestampUs, luma: Buffer.from(luma, 'base64') };
        for (const listener of this.fingerprintListeners) listener(fingerprint);
        return;
      }
      case 'error':
        return this.studio.notify(`stage-${message.error.code}`, message.error);
    }
  }

  frame(frame: Frame): void {
    this.push(frame);
    const full = this.bus.ready();
    if (full) this.link.pauseUntil(full);
  }

  private push({ header, payload }: Frame): void {
    if (header.kind !== FrameKind.slate && header.captureUs > this.clock.nowUs() + MAX_AHEAD_US) {
      this.link.refused++;
      return;
    }
    if (header.kind === FrameKind.pcm) {
      if (header.width !== CHANNELS) {
        this.link.refused++;
        return;
      }
      const samples = toFloats(payload);
      this.bus.pushAudio({ samples, timestampUs: header.captureUs, frames: samples.length / CHANNELS });
      return;
    }
    if (header.format !== FrameFormat.avc) {
      this.link.refused++;
      return;
    }
    const packet: VideoPacket = {
      data: payload,
      timestampUs: header.captureUs,
      durationUs: header.durationUs,
      key: (header.flags & FrameFlag.key) !== 0,
    };
    if (header.kind === FrameKind.video) this.bus.pushVideo(packet);
    else this.collectSlate(packet);
  }

  private collectSlate(packet: VideoPacket): void {
    const last = this.slate.at(-1);
    const follows = last !== undefined && packet.timestampUs > last.timestampUs;
    // Only a key frame and what rises from it make a slate; the one before stays meanwhile.
    if (!packet.key && (!follows || this.slate.length >= MAX_SLATE_PACKETS)) {
      this.link.refused++;
      return;
    }
    if (packet.key) this.slate = [];
    this.slate.push(packet);
    if (this.slateTimer) clearTimeout(this.slateTimer);
    this.slateTimer = setTimeout(() => {
      if (this.bus.videoConfig) this.bus.setSlate(this.slate);
    }, SLATE_SETTLED_MS);
  }

  /** Snapshots of one turn of the event loop reach the stage as one. */
  private scheduleState(): void {
    if (this.sendScheduled) return;
    this.sendScheduled = true;
    setImmediate(() => {
      this.sendScheduled = false;
      this.link.send({ type: 'state', state: this.studio.state });
    });
  }
}

/** The samples as a view where the payload is aligned, as a copy where it is not. */
function toFloats(payload: Uint8Array<ArrayBuffer>): Float32Array {
  if (payload.byteOffset % 4 === 0) {
    return new Float32Array(payload.buffer, payload.byteOffset, payload.byteLength / 4);
  }
  return new Float32Array(payload.slice().buffer);
}
