using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Trust.Tests.Identity;

public sealed class TrustDomainTests
{
    [Theory]
    [InlineData("foo.test", true)]
    [InlineData("a", true)]
    [InlineData("192.168.0.1", true)]
    [InlineData("a_b-c", true)]
    [InlineData("", false)]
    [InlineData("Foo.test", false)]
    [InlineData("spiffe://foo.test", false)]
    [InlineData("foo.test/", false)]
    [InlineData("foo test", false)]
    [InlineData("*", false)]
    public void Name_IsHeldToTheStandard(string name, bool isWellFormed)
        => TrustDomain.TryParse(name, out _).Should().Be(isWellFormed);

    [Fact]
    public void LengthLimit_IsTwoHundredAndFiftyFiveCharacters()
    {
        TrustDomain.TryParse(new string('a', 255), out _).Should().BeTrue();
        TrustDomain.TryParse(new string('a', 256), out _).Should().BeFalse();
    }

    [Fact]
    public void MalformedNameThatMustBeWellFormed_Throws()
    {
        var act = () => TrustDomain.Parse("NO");

        act.Should().Throw<FormatException>();
    }
}
