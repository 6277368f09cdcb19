use ioserver::*;

struct Chat;

#[service]
impl Chat {
    pub async fn count(&self) -> usize {
        7
    }

    pub async fn name(&self) -> String {
        "Ada".into()
    }

    pub async fn fine(&self) -> Result<bool> {
        Ok(true)
    }
}

fn main() {}
