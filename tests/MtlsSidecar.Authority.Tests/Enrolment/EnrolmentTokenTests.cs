using System.Buffers.Text;
using MtlsSidecar.Authority.Enrolment;

namespace MtlsSidecar.Authority.Tests.Enrolment;

public sealed class EnrolmentTokenTests
{
    [Fact]
    public void Token_Is256Bits_AndNeverTheSame()
    {
        var tokens = Enumerable.Range(0, 1000).Select(_ => EnrolmentToken.Create()).ToList();

        tokens.Should().OnlyHaveUniqueItems().And.OnlyContain(token => Base64Url.DecodeFromChars(token).Length == 32);
    }
}
