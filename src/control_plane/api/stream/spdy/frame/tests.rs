use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// All frames of some bytes that come in pieces of a size, data frames put together again.
fn decode(bytes: &[u8], piece: usize) -> Result<Vec<Frame>, FrameError> {
    let mut decoder = Decoder::new();
    let mut frames: Vec<Frame> = Vec::new();
    for piece in bytes.chunks(piece.max(1)) {
        decoder.buffer.extend_from_slice(piece);
        while let Some(frame) = decoder.next()? {
            match (frames.last_mut(), frame) {
                (
                    Some(Frame::Data { stream, fin, data }),
                    Frame::Data { stream: same, fin: last, data: more },
                ) if *stream == same && !*fin => {
                    *data = [&data[..], &more[..]].concat().into();
                    *fin = last;
                }
                (_, frame) => frames.push(frame),
            }
        }
    }
    Ok(frames)
}

fn encode(frames: &[Frame]) -> BytesMut {
    let (mut encoder, mut out) = (Encoder::new(), BytesMut::new());
    for frame in frames {
        encoder.encode(frame, &mut out).unwrap();
    }
    out
}

fn some_frame() -> impl Strategy<Value = Frame> {
    let id = 0..=0x7fff_ffff_u32;
    let headers = || vec(("[a-z-]{1,20}", "\\PC{0,40}"), 0..6);
    prop_oneof![
        (id.clone(), any::<bool>(), any::<bool>(), headers()).prop_map(
            |(stream, fin, unidirectional, headers)| Frame::SynStream {
                stream,
                fin,
                unidirectional,
                headers
            }
        ),
        (id.clone(), any::<bool>(), headers()).prop_map(|(stream, fin, headers)| Frame::SynReply {
            stream,
            fin,
            headers
        }),
        (id.clone(), any::<bool>(), headers()).prop_map(|(stream, fin, headers)| Frame::Headers {
            stream,
            fin,
            headers
        }),
        (id.clone(), any::<u32>()).prop_map(|(stream, status)| Frame::Reset { stream, status }),
        any::<Option<u32>>().prop_map(|initial_window| Frame::Settings { initial_window }),
        any::<u32>().prop_map(Frame::Ping),
        (id.clone(), any::<u32>()).prop_map(|(last, status)| Frame::GoAway { last, status }),
        (id.clone(), 0..=0x7fff_ffff_u32)
            .prop_map(|(stream, delta)| Frame::WindowUpdate { stream, delta }),
        (id, vec(any::<u8>(), 0..3000)).prop_map(|(stream, data)| Frame::Data {
            stream,
            fin: true,
            data: data.into()
        }),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read(frames in vec(some_frame(), 0..12), piece in 1..700_usize) {
        prop_assert_eq!(decode(&encode(&frames), piece), Ok(frames));
    }

    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..400), piece in 1..50_usize) {
        let _ = decode(&bytes, piece);
    }

    #[test]
    fn no_changed_frames_panic(
        frames in vec(some_frame(), 1..6),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = encode(&frames);
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        let _ = decode(&bytes, 64);
    }
}

#[test]
fn frames_of_other_protocols_and_sizes_are_refused() {
    let check = |bytes: &[u8], expected| assert_eq!(decode(bytes, 100), Err(expected));
    check(&[0x80, 2, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1], FrameError::Version(2));
    check(&[0x80, 3, 0, 6, 0, 0xff, 0, 0], FrameError::Length { kind: 6, length: 0xff_0000 });
    check(&[0x80, 3, 0, 6, 0, 0, 0, 1, 7], FrameError::Length { kind: 6, length: 1 });
    check(&[0x80, 3, 0, 1, 0, 0, 0, 10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], FrameError::HeaderBlock);
    let unknown = [0x80, 3, 0, 77, 0, 0, 0, 1, 7, 0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1];
    assert_eq!(decode(&unknown, 100), Ok(vec![Frame::Ping(1)]), "one of a new kind is passed over");
}
