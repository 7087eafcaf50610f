//! What the sandbox does with forms.

use openssl::sha::sha256;
use support::bare::{Answer, Bare, authorization};
use wechatpay::{Builder, MediaUtil, Options, Part, Value, json};
use wechatpay_sandbox::Sandbox;

const MEDIA: &str = "/v3/merchant/media/upload";
const COMPLAINT: &str = "/v3/merchant-service/images/upload";
const TYPE: &str = "multipart/form-data; boundary=boundary";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn meta(file: &[u8]) -> String {
    json!({ "filename": "image.png", "sha256": hex(&sha256(file)) }).to_string()
}

fn part(disposition: &str, contents: &[u8]) -> Vec<u8> {
    let head = format!("--boundary\r\nContent-Disposition: form-data; {disposition}\r\n\r\n");
    [head.as_bytes(), contents, b"\r\n"].concat()
}

fn form(meta: &str, file: &[u8]) -> Vec<u8> {
    let file = part("name=\"file\"; filename=\"image.png\"", file);
    [part("name=\"meta\"", meta.as_bytes()), file, b"--boundary--\r\n".to_vec()].concat()
}

/// Uploads a body that is signed by this.
fn upload(sandbox: &Sandbox, target: &str, body: Vec<u8>, signed: &[u8]) -> Answer {
    Bare::signed(sandbox, "POST", target, body, signed).with("Content-Type", TYPE).send(sandbox)
}

#[test]
fn each_upload_answers_as_documented() {
    let sandbox = Sandbox::start().unwrap();
    let file = b"\x89PNG\r\n\x1a\n\r\n--boundar\r\n--";
    for (target, name) in [
        (MEDIA, "media_id"),
        ("/v3/merchant/media/video_upload", "media_id"),
        ("/v3/marketing/favor/media/image-upload", "media_url"),
        (COMPLAINT, "media_id"),
    ] {
        let answer = upload(&sandbox, target, form(&meta(file), file), meta(file).as_bytes());
        let json = answer.json(&sandbox);
        assert_eq!(answer.status, 200, "{json}");
        assert_eq!(json.as_object().unwrap().len(), 1);
        let value = json[name].as_str().unwrap();
        assert_eq!(value.starts_with("https://"), name == "media_url", "{value}");
        assert_eq!(Bare::get(&sandbox, target).send(&sandbox).status, if target == COMPLAINT { 404 } else { 405 });
    }
}

#[test]
fn the_crates_own_uploads_arrive() {
    let sandbox = crate::lenient();
    let instance = Builder::factory(sandbox.config()).unwrap();
    for (name, length) in [("image.jpg", 0), ("\"图片\"\\.png", 1), ("video.mp4", 20_000_000)] {
        let media = MediaUtil::from_bytes(name, vec![13; length]);
        let answer = instance.chain("v3/merchant/media/upload").post(Options::new().body(media)).unwrap();
        assert!(answer.json().unwrap()["media_id"].is_string());
    }
    let requests = sandbox.requests();
    let request = &requests[2];
    assert!(request.body().is_empty() && request.body_length() > 20_000_000);
    assert_eq!(request.json().unwrap()["sha256"], hex(&sha256(&[13; 20_000_000])));
    assert!(format!("{request:?}").contains(&format!("{} bytes", request.body_length())));
    assert!(!request.has_certificate());

    // A form without a part `meta` is signed as a whole and kept as a whole.
    let parts = vec![Part::new("a", "b")];
    assert_eq!(instance.chain("v3/x").post(Options::new().multipart(parts)).unwrap().text(), "{}");
    let requests = sandbox.requests();
    let request = requests.last().unwrap();
    assert!(request.body().windows(5).any(|window| window == b"\r\nb\r\n"));
    assert_eq!(request.body_length(), request.body().len() as u64);
    assert_eq!(request.body_sha256(), hex(&sha256(request.body())));
}

#[test]
fn meta_alone_is_signed() {
    let sandbox = Sandbox::start().unwrap();
    let file = b"12345";
    let (meta, body) = (meta(file), form(&meta(file), file));
    for signed in [&body, &b"".to_vec(), &file.to_vec(), &meta.replace("image", "images").into_bytes()] {
        let answer = upload(&sandbox, MEDIA, body.clone(), signed);
        let json = answer.json(&sandbox);
        assert_eq!((answer.status, json["code"].as_str()), (401, Some("SIGN_ERROR")));
        let information = &json["detail"]["sign_information"];
        let shown = information["truncated_sign_message"].as_str().unwrap();
        assert!(shown.ends_with("\n{\"filena\n"), "{shown}");
    }
    let request = sandbox.requests().pop().unwrap();
    assert_eq!(request.json(), Some(serde_json::from_str::<Value>(&meta).unwrap()));
    assert_eq!((request.body_length(), request.body_sha256()), (body.len() as u64, hex(&sha256(&body))));
}

#[test]
fn meta_must_tell_the_truth() {
    let sandbox = Sandbox::start().unwrap();
    let file = b"12345";
    let right = json!({ "filename": "image.png", "sha256": hex(&sha256(file)) });
    let with = |name: &str, value: Value| {
        let mut meta = right.clone();
        meta[name] = value;
        meta.to_string()
    };
    let refused = |body: Vec<u8>, meta: &str| {
        let answer = upload(&sandbox, MEDIA, body, meta.as_bytes());
        let json = answer.json(&sandbox);
        assert_eq!((answer.status, json["code"].as_str()), (400, Some("PARAM_ERROR")), "{json}");
        json["detail"]["field"].as_str().unwrap().to_owned()
    };
    for (meta, field) in [
        (with("sha256", json!(hex(&sha256(b"12346")))), "/body/meta/sha256"),
        (with("sha256", json!("")), "/body/meta/sha256"),
        (with("sha256", json!(5)), "/body/meta/sha256"),
        (with("sha256", Value::Null), "/body/meta/sha256"),
        (with("filename", json!("image.PNG")), "/body/meta/filename"),
        (with("filename", Value::Null), "/body/meta/filename"),
        ("[]".into(), "/body"),
        ("{".into(), "/body/meta"),
        (String::new(), "/body"),
    ] {
        assert_eq!(refused(form(&meta, file), &meta), field, "{meta}");
    }
    let meta = right.to_string();
    let only_meta = [part("name=\"meta\"", meta.as_bytes()), b"--boundary--".to_vec()].concat();
    assert_eq!(refused(only_meta, &meta), "/body/file");
    let unnamed = part("name=\"file\"", file);
    let unnamed = [part("name=\"meta\"", meta.as_bytes()), unnamed, b"--boundary--".to_vec()].concat();
    assert_eq!(refused(unnamed, &meta), "/body/meta/filename");

    // Without a meta, the whole is what must be signed.
    let only_file = [part("name=\"file\"; filename=\"image.png\"", file), b"--boundary--".to_vec()].concat();
    assert_eq!(refused(only_file.clone(), std::str::from_utf8(&only_file).unwrap()), "/body/meta");
    let no_form = Bare::signed(&sandbox, "POST", MEDIA, "{}", b"{}").send(&sandbox);
    assert_eq!(no_form.json(&sandbox)["detail"]["field"], "/body/file");
}

#[test]
fn a_form_that_cannot_be_read_is_refused_before_its_signature() {
    let sandbox = Sandbox::start().unwrap();
    let meta = meta(b"1");
    let whole = form(&meta, b"1");
    for (body, content_type) in [
        (whole[..whole.len() - 6].to_vec(), TYPE),
        (whole.clone(), "multipart/form-data"),
        (whole.clone(), "multipart/form-data; boundary=another"),
        (Vec::new(), TYPE),
        (form(&"x".repeat(70_000), b"1"), TYPE),
    ] {
        let request = Bare::signed(&sandbox, "POST", MEDIA, body, meta.as_bytes());
        let answer = request.with("Content-Type", content_type).send(&sandbox);
        let json = answer.json(&sandbox);
        assert_eq!((answer.status, json["code"].as_str()), (400, Some("PARAM_ERROR")), "{json}");
        assert_eq!(json["detail"]["field"], "/body");
    }
    // An operation that wants JSON does not take a form for it.
    let target = "/v3/marketing/busifavor/coupons/send";
    assert_eq!(upload(&sandbox, target, whole, meta.as_bytes()).json(&sandbox)["detail"]["field"], "/body");
}

#[test]
fn an_image_comes_back_unsigned() {
    let sandbox = Sandbox::start().unwrap();
    const MOST: usize = 2 * 1024 * 1024;
    for (start, content_type) in [
        (&b"\x89PNG\r\n\x1a\n"[..], "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"BM", "image/bmp"),
        (b"", "application/octet-stream"),
    ] {
        let mut file = start.to_vec();
        file.resize(MOST, b'\r');
        let answer = upload(&sandbox, COMPLAINT, form(&meta(&file), &file), meta(&file).as_bytes());
        let media_id = answer.json(&sandbox)["media_id"].as_str().unwrap().to_owned();
        let image = Bare::get(&sandbox, &format!("/v3/merchant-service/images/{media_id}")).send(&sandbox);
        assert_eq!((image.status, image.header("content-type")), (200, Some(content_type)));
        assert!(image.is_unsigned() && image.body == file);
    }
    let file = vec![0; MOST + 1];
    let answer = upload(&sandbox, COMPLAINT, form(&meta(&file), &file), meta(&file).as_bytes());
    assert_eq!((answer.status, answer.json(&sandbox)["detail"]["field"].as_str()), (400, Some("/body/file")));

    let target = "/v3/merchant-service/images/unknown";
    let unknown = Bare::get(&sandbox, target).send(&sandbox);
    assert_eq!((unknown.status, unknown.json(&sandbox)["code"].as_str()), (404, Some("RESOURCE_NOT_EXISTS")));
    assert_eq!(Bare::new("GET", target, "").send(&sandbox).status, 401);
    let empty = Bare::get(&sandbox, "/v3/merchant-service/images/").send(&sandbox);
    assert_eq!((empty.status, empty.json(&sandbox)["detail"]["field"].as_str()), (400, Some("media_id")));
}

#[test]
fn a_form_in_pieces_is_a_form() {
    use std::io::Write;
    let sandbox = Sandbox::start().unwrap();
    let file: Vec<u8> = (0..2_000).map(|i| b"\r\n--boundarx"[i % 12]).chain(*b"x").collect();
    let (meta, body) = (meta(&file), form(&meta(&file), &file));
    let authorization = authorization(&sandbox, "POST", MEDIA, meta.as_bytes());
    let request = Bare::new("POST", MEDIA, "").with("Authorization", &authorization).with("Content-Type", TYPE);
    let mut stream = support::bare::connect(&sandbox, None);
    stream.write_all(&request.head(body.len())).unwrap();
    for piece in body.chunks(17) {
        stream.write_all(piece).unwrap();
        stream.flush().unwrap();
    }
    assert_eq!(Answer::read(&mut stream).status, 200);
}
