using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Tests.Paths.Names;

/// <summary>Name comparison of RFC 5280 §7.1.</summary>
public sealed class DistinguishedNameTests
{
    private const UniversalTagNumber Printable = UniversalTagNumber.PrintableString;
    private const UniversalTagNumber Utf8 = UniversalTagNumber.UTF8String;

    [Theory]
    [InlineData("Test CA", "test ca")]
    [InlineData("Test CA", "  Test   CA ")]
    [InlineData("Test CA", "Test CA")]
    public void SpellingThatDiffersInCaseOrSpaces_IsTheSameName(string one, string other)
        => Name((Printable, one)).Should().Be(Name((Utf8, other)));

    [Fact]
    public void OtherValue_IsAnotherName()
        => Name((Utf8, "Test CA")).Should().NotBe(Name((Utf8, "TestCA")));

    [Fact]
    public void OtherOrderOfParts_IsAnotherName()
        => Name((Utf8, "a"), (Utf8, "b")).Should().NotBe(Name((Utf8, "b"), (Utf8, "a")));

    [Fact]
    public void LongerName_IsWithinItsBeginning()
    {
        var ancestor = Name((Utf8, "a"));

        Name((Utf8, "A"), (Utf8, "b")).IsWithin(ancestor).Should().BeTrue();
        Name((Utf8, "b"), (Utf8, "a")).IsWithin(ancestor).Should().BeFalse();
        ancestor.IsWithin(Name((Utf8, "a"), (Utf8, "b"))).Should().BeFalse();
    }

    [Fact]
    public void ValueThatLooksLikeTwoAttributes_IsNotTwoAttributes()
        => Name((Utf8, "a2.5.4.3=1:b")).Should().NotBe(Name((Utf8, "a"), (Utf8, "b")));

    [Fact]
    public void PrintableStringWithOtherCharacters_IsComparedAsText()
        => Name((UniversalTagNumber.T61String, "a@b_C")).Should().Be(Name((Utf8, "A@B_c")));

    [Fact]
    public void BrokenUtf8_IsNoName()
    {
        var act = () => DistinguishedName.Read(Convert.FromHexString("300D310B300906035504030C02C328"));

        act.Should().Throw<AsnContentException>();
    }

    private static DistinguishedName Name(params (UniversalTagNumber Type, string Value)[] parts)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var (type, value) in parts)
            {
                using (writer.PushSetOf())
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("2.5.4.3");
                    writer.WriteCharacterString(type, value);
                }
            }
        }

        return DistinguishedName.Read(writer.Encode());
    }
}
