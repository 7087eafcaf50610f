//! What can be given where JSON pointers are wanted.

/// The word for the fields that the platform documents as encrypted.
pub(crate) const AUTO: &str = "auto";

/// What [`Options::encrypt`](crate::Options::encrypt) and [`Response::decrypt`](crate::Response::decrypt) take: a text, or
/// anything that yields texts, such as a list.
///
/// Each text is a JSON pointer, or `"auto"` for the fields that the platform documents as encrypted. `Form` tells the two apart
/// for the compiler, which finds it by itself. Nobody else can implement it.
///
/// ```
/// use wechatpay::Options;
///
/// let _ = Options::new().encrypt("auto");
/// let _ = Options::new().encrypt(["/json/user_name", "/json/id_card_number"]);
/// let _ = Options::new().encrypt(["user_name", "id_card_number"].map(|name| format!("/json/{name}")));
/// ```
pub trait Pointers<Form>: sealed::Texts<Form> {}

impl<Form, T: sealed::Texts<Form>> Pointers<Form> for T {}

pub(crate) mod sealed {
    use std::iter;

    /// A single text.
    #[derive(Debug)]
    pub struct One;

    /// Several texts.
    #[derive(Debug)]
    pub struct Many;

    pub trait Texts<Form> {
        fn texts(self) -> impl Iterator<Item: AsRef<str>>;
    }

    impl Texts<One> for &str {
        fn texts(self) -> impl Iterator<Item: AsRef<str>> {
            iter::once(self)
        }
    }

    impl Texts<One> for String {
        fn texts(self) -> impl Iterator<Item: AsRef<str>> {
            iter::once(self)
        }
    }

    impl Texts<One> for &String {
        fn texts(self) -> impl Iterator<Item: AsRef<str>> {
            iter::once(self)
        }
    }

    impl<P: AsRef<str>, I: IntoIterator<Item = P>> Texts<Many> for I {
        fn texts(self) -> impl Iterator<Item: AsRef<str>> {
            self.into_iter()
        }
    }
}
